// Connects as a BGP speaker would, with a key and GTSM, and says what is wrong if nobody answers: node dial-router.ts 192.0.2.1 KEY
import { connectTcp, readTcpMd5Counters, unsentOctets } from '@steelyard/linux-socket/tcp';

const [, , address = '192.0.2.1', key = ''] = process.argv;
const socket = connectTcp({
  address,
  port: 179,
  md5Key: new TextEncoder().encode(key), // signs every segment, the first one, too (RFC 2385)
  ttl: 255, // what a router with ttl-security demands,
  minTtl: 255, // and what we demand of it: nobody farther away than this link gets through (RFC 5082)
  trafficClass: 0xc0, // CS6
});
socket.setTimeout(5000, () => socket.destroy(new Error('no answer: another key, GTSM, or a filter')));
socket.on('error', async (error) => console.error(error.message, await readTcpMd5Counters()));
socket.on('connect', () => console.log(`connected from ${socket.localAddress}`));
socket.on('data', (octets) => console.log(`${octets.length} octets; unacknowledged of ours: ${unsentOctets(socket)}`));
