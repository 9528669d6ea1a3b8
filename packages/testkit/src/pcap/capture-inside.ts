// Runs inside a switch's namespace: writes the frames of one MAC address, and those to groups, to a pcap file.
import { openSync, writeSync } from 'node:fs';
import { openPacketSocket } from '@steelyard/linux-socket/packet';
import { equalMacAddresses, isGroupMacAddress, MAC_ADDRESS_LENGTH, parseMacAddress } from '@steelyard/wire';
import { pcapHeader, pcapRecord, SNAPSHOT_OCTETS } from './format.ts';

/** Every EtherType: `ETH_P_ALL` of linux/if_ether.h. */
const ETH_P_ALL = 0x0003;

const [, , bridge = '', mac = '', path = ''] = process.argv;
const file = openSync(path, 'w');
writeSync(file, pcapHeader());
const own = parseMacAddress(mac);
let frames = 0;
const socket = openPacketSocket({
  interfaceName: bridge,
  etherType: ETH_P_ALL,
  maxFrameOctets: SNAPSHOT_OCTETS,
  maxFramesPerWakeup: 16,
  onFrames(batch) {
    const atMs = performance.timeOrigin + performance.now();
    for (let i = 0; i < batch.count; i += 1) {
      const frame = batch.frame(i);
      const destination = frame.subarray(0, MAC_ADDRESS_LENGTH);
      const source = frame.subarray(MAC_ADDRESS_LENGTH, 2 * MAC_ADDRESS_LENGTH);
      if (!(isGroupMacAddress(destination) || equalMacAddresses(destination, own) || equalMacAddresses(source, own))) {
        continue;
      }
      writeSync(file, pcapRecord(frame, atMs));
      frames += 1;
    }
  },
});
process.once('SIGTERM', () => {
  void socket.close().then(() => {
    process.stdout.write(`${frames} frames\n`);
    process.exit(0);
  });
});
process.stdout.write('capturing\n');
