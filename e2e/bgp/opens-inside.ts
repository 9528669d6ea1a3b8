// Connects to a BGP daemon, says OPEN, and prints the one that comes back.
import { connect } from 'node:net';
import { createMessageFramer, encodeOpen } from '@steelyard/bgp';

const [host = '', asn = '0', identifier = ''] = process.argv.slice(2);
const OPEN = 1;
const TYPE_OFFSET = 18;
const framer = createMessageFramer();
const socket = connect({ host, port: 179 }, () => {
  socket.write(
    encodeOpen({
      version: 4,
      myAutonomousSystem: Number(asn),
      holdTimeSeconds: 90,
      bgpIdentifier: identifier,
      capabilities: [
        { type: 'multiprotocol', afi: 1, safi: 1 },
        { type: 'four-octet-asn', asn: Number(asn) },
      ],
    }),
  );
});
socket.on('data', (octets) => {
  for (const framed of framer.push(octets)) {
    if (!framed.ok || framed.value[TYPE_OFFSET] !== OPEN) continue;
    process.stdout.write(`OPEN ${Buffer.from(framed.value).toString('hex')}\n`);
    socket.destroy();
  }
});
