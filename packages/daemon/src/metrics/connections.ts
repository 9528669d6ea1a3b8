import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The connections of a server, bounded: one too many ends the one that has idled longest, so that strangers keep nobody out. */
export interface Connections {
  /** A request has come in; its connection is not idle until the answer is out. */
  begin(response: ServerResponse): void;
  endAll(): void;
}

/** A TLS socket has the addresses of the TCP connection under it, and no public way to it. */
function connectionKey(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`;
}

/** Counts TCP connections, under TLS: one whose handshake never ends is one, too. */
export function boundConnections(server: Server, limit: number): Connections {
  const open = new Map<string, Socket>();
  const idle = new Set<string>();
  server.on('connection', (socket: Socket) => {
    const key = connectionKey(socket);
    open.set(key, socket);
    idle.add(key);
    socket.once('close', () => {
      if (open.get(key) !== socket) return;
      open.delete(key);
      idle.delete(key);
    });
    socket.on('error', () => socket.destroy()); // a stranger's reset is no event of ours
    if (open.size <= limit) return;
    const [longestIdle] = idle.size > 0 ? idle : open.keys();
    open.get(longestIdle ?? '')?.destroy();
  });
  return {
    begin(response) {
      const { socket } = response;
      if (socket === null) return;
      const key = connectionKey(socket);
      idle.delete(key);
      response.once('close', () => {
        if (open.has(key)) idle.add(key); // at the end of the order: it is the youngest of the idle
      });
    },
    endAll() {
      for (const socket of open.values()) socket.destroy();
    },
  };
}
