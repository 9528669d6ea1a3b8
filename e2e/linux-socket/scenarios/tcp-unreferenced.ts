// Ends by itself although a listener and two connected sockets are open, since all of them are unreferenced.
import { once } from 'node:events';
import { connectTcp, listenTcp } from '@steelyard/linux-socket/tcp';

const accepted = Promise.withResolvers<void>();
const listener = await listenTcp({
  port: 0,
  onConnection(socket) {
    socket.unref();
    accepted.resolve();
  },
});
const socket = connectTcp({ address: '::1', port: listener.port });
await once(socket, 'connect');
await accepted.promise;
socket.unref();
listener.unref();
process.stdout.write('unreferenced\n');
