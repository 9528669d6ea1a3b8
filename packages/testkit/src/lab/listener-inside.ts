// Runs inside a namespace: makes a listening socket, passes it to the process that started this one, and ends.
import { createServer } from 'node:net';

const [, , host, port] = process.argv;
const server = createServer();
server.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
server.listen({ host, port: Number(port) }, () => {
  process.send?.('listening', server);
  // The receiver says when it has it: ending sooner may lose it.
  process.once('message', () => process.exit(0));
});
