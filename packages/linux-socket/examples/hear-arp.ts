// Prints who asks for whom on an interface: sudo node hear-arp.ts eth0
import { openPacketSocket } from '@steelyard/linux-socket/packet';

const [, , interfaceName = 'eth0'] = process.argv;

// Accept ARP requests only (the operation, octets 20 and 21, is 1); the kernel drops the rest before anybody is woken up.
const requestsOnly = [
  { code: 0x28, jt: 0, jf: 0, k: 20 }, // ldh [20]
  { code: 0x15, jt: 0, jf: 1, k: 1 }, //  jeq #1, accept, drop
  { code: 0x06, jt: 0, jf: 0, k: 0xffff },
  { code: 0x06, jt: 0, jf: 0, k: 0 },
];

await using socket = openPacketSocket({
  interfaceName,
  etherType: 0x0806,
  filter: requestsOnly,
  onFrames(batch) {
    for (let i = 0; i < batch.count; i++) {
      const frame = batch.frame(i); // a view: copy what you keep
      if (frame.length >= 42)
        console.log(`${frame.subarray(28, 32).join('.')} asks for ${frame.subarray(38, 42).join('.')}`);
    }
  },
  onError: (error) => console.error(error.message),
});
console.log(`listening on ${socket.interfaceName}`);
await new Promise((resolve) => process.once('SIGINT', resolve));
