// As a user without any capability: everything but a port below 1024.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connectTcp, listenTcp } from '@steelyard/linux-socket/tcp';

assert.match(readFileSync('/proc/self/status', 'utf8'), /CapEff:\t0{16}\nCapBnd:\t0{16}\n/u);
const key = new TextEncoder().encode('open sesame');
const everything = { device: 'lo', ttl: 255, minTtl: 255, trafficClass: 0xc0, userTimeoutMs: 10_000 };
await using listener = await listenTcp({
  ...everything,
  port: 0,
  onConnection: (socket) => socket.end().on('error', () => {}),
});
for (const address of ['127.0.0.1', '::1']) {
  listener.setMd5Key({ address, key });
  const socket = connectTcp({ ...everything, address, localAddress: address, port: listener.port, md5Key: key });
  await once(socket, 'connect');
  socket.destroy();
}
await assert.rejects(listenTcp({ port: 179, onConnection: () => {} }), {
  code: 'EACCES',
  syscall: 'bind',
  message: /CAP_NET_BIND_SERVICE/u,
});
process.stdout.write('without privilege\n');
