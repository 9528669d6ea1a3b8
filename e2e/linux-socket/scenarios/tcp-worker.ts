// On a worker thread: listens, connects to itself ten times, echoes, and says so. Ends when it is terminated.
import { once } from 'node:events';
import { parentPort } from 'node:worker_threads';
import { connectTcp, listenTcp, unsentOctets } from '@steelyard/linux-socket/tcp';

const listener = await listenTcp({ port: 0, onConnection: (socket) => socket.pipe(socket) });
for (let i = 0; i < 10; i++) {
  const socket = connectTcp({ address: '127.0.0.1', port: listener.port });
  await once(socket, 'connect');
  socket.write('echo');
  await once(socket, 'data');
  if (unsentOctets(socket) !== 0) throw new Error('the echo came, and the octets are not acknowledged');
}
parentPort?.postMessage('echoed');
