// Runs inside a namespace: prints every neighbour message that an interface receives as a line of JSON.
import { openPacketSocket } from '@steelyard/linux-socket/packet';
import { ETHERTYPE_IPV6, readNdp } from './message.ts';

openPacketSocket({
  interfaceName: process.argv[2] ?? '',
  etherType: ETHERTYPE_IPV6,
  onFrames(batch) {
    const atMs = performance.timeOrigin + performance.now();
    for (let i = 0; i < batch.count; i += 1) {
      const ndp = readNdp(batch.frame(i));
      if (ndp !== undefined) process.stdout.write(`${JSON.stringify({ ...ndp, atMs })}\n`);
    }
  },
});
process.stdout.write('watching\n');
