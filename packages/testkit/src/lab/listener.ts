import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import type { Namespace } from './namespace.ts';
import { nodeProgram } from './node-program.ts';

/** A TCP port inside a namespace whose connections arrive in this process. */
export interface NamespaceListener extends AsyncDisposable {
  /** Stops listening and breaks the connections. */
  close(): Promise<void>;
}

/**
 * Listens inside a namespace, and hands the connections to this process.
 *
 * A socket stays in the namespace in which it was made, whoever holds it: a
 * program makes it inside, passes it on, and ends. So what runs inside reaches
 * a server out here without any link that a test could cut.
 */
export async function listenInside(
  namespace: Namespace,
  address: { readonly host: string; readonly port: number },
  onConnection: (socket: Socket) => void,
): Promise<NamespaceListener> {
  const [program, args] = nodeProgram(new URL('./listener-inside.ts', import.meta.url), [
    address.host,
    String(address.port),
  ]);
  const inside = namespace.spawn(program, args, { name: `${namespace.name}: listener`, ipc: true });
  const handed = once(inside.child, 'message') as Promise<[message: unknown, server: Server | undefined]>;
  const failed = inside.ended.then(() => undefined);
  const server = (await Promise.race([handed, failed]))?.[1];
  if (server === undefined) {
    const { host, port } = address;
    throw new Error(`${namespace.name}: cannot listen on ${host}, port ${port}: ${inside.lines.join('\n')}`);
  }
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    onConnection(socket);
  });
  inside.child.send('received');
  await inside.ended;
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    for (const socket of sockets) socket.destroy();
    await once(server, 'close');
  };
  return { close, [Symbol.asyncDispose]: close };
}
