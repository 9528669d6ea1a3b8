// Runs inside a namespace: what connects to a unix socket, which every namespace sees, gets a TCP port of this one.
import { connect, createServer } from 'node:net';

const [, , path, host, port] = process.argv;
const server = createServer((outside) => {
  const inside = connect({ host: host ?? '127.0.0.1', port: Number(port) });
  for (const [one, other] of [
    [inside, outside],
    [outside, inside],
  ] as const) {
    one.pipe(other);
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
});
server.listen(path, () => process.stdout.write('listening\n'));
