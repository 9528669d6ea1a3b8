// Runs inside a node's namespace: a web server that says where it runs. Stands for the container of a Pod.
import { createServer } from 'node:http';

const [, , host = '', port = '', node = '', pod = ''] = process.argv;
const server = createServer((request, response) => {
  const client = request.socket.remoteAddress ?? '';
  const body = `pod ${pod} on node ${node} greets ${client}\n`;
  response.writeHead(200, {
    Server: 'steelyard-demo',
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close', // each request of a client is to find its way anew
  });
  response.end(request.method === 'HEAD' ? undefined : body);
});
server.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
server.listen(Number(port), host, () => process.stdout.write('serving\n'));
