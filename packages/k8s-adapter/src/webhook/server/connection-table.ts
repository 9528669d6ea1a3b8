import type { Socket } from 'node:net';
import type { WebhookLimits } from './webhook-limits.ts';

/** What a connection is good for, worst first: the order in which they make room for a new one. */
const EVICTION_ORDER = ['unproven', 'reading', 'idle'] as const;
type ConnectionStage = (typeof EVICTION_ORDER)[number] | 'answering';

interface Connection {
  readonly key: string;
  readonly socket: Socket;
  stage: ConnectionStage;
  /** Requests whose body is still coming; several with HTTP/2, or pipelined. */
  reading: number;
  answering: number;
  timer: NodeJS.Timeout | undefined;
}

/** A request on a connection, from its head to the end of its answer. */
export interface ConnectionRequest {
  bodyComplete(): void;
  /** Answered, or given up. Later calls do nothing. */
  done(): void;
}

type ConnectionLimits = Pick<
  WebhookLimits,
  'maxConnections' | 'maxRequests' | 'headTimeoutMs' | 'bodyTimeoutMs' | 'answerTimeoutMs' | 'idleTimeoutMs'
>;

export interface ConnectionTable {
  readonly size: number;
  /** A connection was accepted, before its TLS handshake. */
  accept(socket: Socket): void;
  /**
   * The head of a request has come. Undefined when the connection is gone already, or too much is under way.
   *
   * @param most - How many may be under way on this connection.
   * @param onLate - Its body or its answer takes too long. Of one request: others on the connection may be in time.
   */
  requestOn(socket: ClientAddress, most: number, onLate: () => void): ConnectionRequest | undefined;
  /** Ends those that nobody waits for an answer on. */
  destroyIdle(): void;
  destroyAll(): void;
}

type ClientAddress = Pick<Socket, 'remoteAddress' | 'remotePort'>;

/** TLS and HTTP/2 wrap a socket more than once; the client's address is what all wrappings agree on. */
function keyOf(socket: ClientAddress): string | undefined {
  return socket.remoteAddress === undefined ? undefined : `${socket.remoteAddress} ${socket.remotePort}`;
}

/**
 * Bounds how many connections there are and how long each may take for what it does, whatever protocol is spoken on it.
 * Each stage keeps its connections in the order in which they entered it: finding the oldest costs nothing.
 */
export function createConnectionTable(limits: ConnectionLimits): ConnectionTable {
  const connections = new Map<string, Connection>();
  let requests = 0;
  const stages: Readonly<Record<ConnectionStage, Set<Connection>>> = {
    unproven: new Set(),
    reading: new Set(),
    idle: new Set(),
    answering: new Set(),
  };

  function enter(connection: Connection, stage: ConnectionStage): void {
    stages[connection.stage].delete(connection);
    connection.stage = stage;
    stages[stage].add(connection);
    clearTimeout(connection.timer);
    if (stage !== 'unproven' && stage !== 'idle') return; // each request has a timer of its own
    const timeoutMs = stage === 'unproven' ? limits.headTimeoutMs : limits.idleTimeoutMs;
    connection.timer = setTimeout(() => drop(connection), timeoutMs);
  }

  function settle(connection: Connection): void {
    if (connections.get(connection.key) !== connection) return;
    const stage = connection.reading > 0 ? 'reading' : connection.answering > 0 ? 'answering' : 'idle';
    if (stage !== connection.stage) enter(connection, stage);
  }

  function forget(connection: Connection): void {
    clearTimeout(connection.timer);
    stages[connection.stage].delete(connection);
    if (connections.get(connection.key) === connection) connections.delete(connection.key);
  }

  function drop(connection: Connection): void {
    forget(connection);
    connection.socket.destroy();
  }

  function makeRoom(): boolean {
    for (const stage of EVICTION_ORDER) {
      for (const connection of stages[stage]) {
        drop(connection);
        return true;
      }
    }
    return false;
  }

  return {
    get size() {
      return connections.size;
    },
    accept(socket) {
      socket.on('error', () => undefined); // a client that resets: 'close' follows
      const key = keyOf(socket);
      if (key === undefined || (connections.size >= limits.maxConnections && !makeRoom())) {
        socket.destroy();
        return;
      }
      const connection: Connection = { key, socket, stage: 'unproven', reading: 0, answering: 0, timer: undefined };
      connections.set(key, connection);
      enter(connection, 'unproven');
      socket.once('close', () => forget(connection));
    },
    requestOn(socket, most, onLate) {
      const key = keyOf(socket);
      const connection = key === undefined ? undefined : connections.get(key);
      if (connection === undefined || connection.reading + connection.answering >= most) return undefined;
      if (requests >= limits.maxRequests) return undefined;
      requests++;
      let stage: 'reading' | 'answering' | 'done' = 'reading';
      let timer = setTimeout(onLate, limits.bodyTimeoutMs);
      connection.reading++;
      settle(connection);
      return {
        bodyComplete() {
          if (stage !== 'reading') return;
          stage = 'answering';
          clearTimeout(timer);
          timer = setTimeout(onLate, limits.answerTimeoutMs);
          connection.reading--;
          connection.answering++;
          settle(connection);
        },
        done() {
          if (stage === 'done') return;
          clearTimeout(timer);
          requests--;
          if (stage === 'reading') connection.reading--;
          else connection.answering--;
          stage = 'done';
          settle(connection);
        },
      };
    },
    destroyIdle() {
      for (const stage of ['unproven', 'idle'] as const) {
        for (const connection of [...stages[stage]]) drop(connection);
      }
    },
    destroyAll() {
      for (const connection of [...connections.values()]) drop(connection);
    },
  };
}
