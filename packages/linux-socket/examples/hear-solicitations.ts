// Prints who asks for which IPv6 address on an interface: sudo node hear-solicitations.ts eth0
import { openIcmpv6Socket, openMulticastGroups } from '@steelyard/linux-socket/icmpv6';

await using socket = openIcmpv6Socket({
  interfaceName: process.argv[2] ?? 'eth0',
  types: [135], // Neighbor Solicitation
  onMessages(batch) {
    for (let i = 0; i < batch.count; i++) {
      if (batch.hopLimit(i) !== 255) continue; // a router has touched it: not from this link
      console.log(`${text(batch.source(i))} asks for ${text(batch.message(i).subarray(8, 24))}`);
    }
  },
  onError: (error) => console.error(error.message),
});
// The kernel tells switches and routers by MLD that we want what is sent to ff02::1:ff00:1, where hosts ask for 2001:db8::1.
await using groups = openMulticastGroups({ interfaceIndex: socket.interfaceIndex });
groups.join(Uint8Array.of(0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0, 0, 1));
console.log(`listening on ${socket.interfaceName}`);
await new Promise((resolve) => process.once('SIGINT', resolve));

function text(address: Uint8Array): string {
  return Buffer.from(address)
    .toString('hex')
    .replaceAll(/(.{4})(?=.)/gu, '$1:');
}
