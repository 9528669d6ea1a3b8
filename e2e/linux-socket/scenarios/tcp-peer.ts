// The other host of a scenario: listens, connects and counts as its parent says.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import {
  connectTcp,
  listenTcp,
  type TcpConnectOptions,
  type TcpListener,
  type TcpListenOptions,
  type TcpMd5KeyOptions,
  type TcpPeer,
} from '@steelyard/linux-socket/tcp';

export type PeerListenOptions = Partial<Omit<TcpListenOptions, 'onConnection' | 'onError'>>;
export type PeerConnectOptions = TcpConnectOptions;
export type PeerConnection = TcpPeer;
export interface PeerReply {
  readonly id: number;
  readonly answer?: unknown;
  readonly error?: string;
}

const connections: PeerConnection[] = [];
const sockets: Socket[] = [];
let listener: TcpListener | undefined;

const commands: Readonly<Record<string, (argument: never) => unknown>> = {
  async listen(options: PeerListenOptions): Promise<number> {
    await listener?.close();
    listener = await listenTcp({
      port: 0,
      ...options,
      onConnection(socket, peer) {
        connections.push(peer);
        sockets.push(socket);
        socket.on('error', () => {});
        socket.pipe(socket);
      },
    });
    return listener.port;
  },
  setMd5Key(options: TcpMd5KeyOptions): void {
    listener?.setMd5Key(options);
  },
  async connect(options: PeerConnectOptions): Promise<string> {
    const socket = connectTcp(options);
    try {
      await once(socket, 'connect');
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? String(error);
    }
    socket.on('error', () => {});
    socket.pipe(socket);
    return socket.localAddress ?? '';
  },
  write(octets: number): void {
    for (const socket of sockets) socket.write(new Uint8Array(octets));
  },
  connections: () => connections,
  netstat: () => readFileSync('/proc/net/netstat', 'utf8'),
};

process.on('message', async ({ id, command, argument }: { id: number; command: string; argument: never }) => {
  try {
    process.send?.({ id, answer: await commands[command]?.(argument) });
  } catch (error) {
    process.send?.({ id, error: String(error) });
  }
});
process.on('disconnect', () => process.exit());
process.send?.({ id: 0 });
