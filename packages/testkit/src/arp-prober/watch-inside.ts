// Runs inside a namespace: prints every ARP frame that an interface receives as a line of JSON.
import { openPacketSocket } from '@steelyard/linux-socket/packet';
import { ETHERTYPE_ARP, readArp } from './packet.ts';

openPacketSocket({
  interfaceName: process.argv[2] ?? '',
  etherType: ETHERTYPE_ARP,
  onFrames(batch) {
    const atMs = performance.timeOrigin + performance.now();
    for (let i = 0; i < batch.count; i += 1) {
      const arp = readArp(batch.frame(i));
      if (arp !== undefined) process.stdout.write(`${JSON.stringify({ ...arp, atMs })}\n`);
    }
  },
});
process.stdout.write('watching\n');
