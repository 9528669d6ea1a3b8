import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { TcpMd5KeyOptions } from '@steelyard/linux-socket/tcp';
import type { PeerConnection, PeerConnectOptions, PeerListenOptions, PeerReply } from './scenarios/tcp-peer.ts';
import { ip, until } from './veth.ts';

/** The other host: a process in a network namespace of its own, which does what it is told. */
export interface Peer extends Disposable {
  /** Listens, and echoes whatever it is sent. @returns the port. */
  listen(options?: PeerListenOptions): Promise<number>;
  setMd5Key(options: TcpMd5KeyOptions): Promise<void>;
  /** Connects to a port of this host's. @returns where it connected from, or the code of the error. */
  connect(options: PeerConnectOptions): Promise<string>;
  /** Writes to all who have connected to it. */
  write(octets: number): Promise<void>;
  /** Who has connected to it, in their order. */
  connections(): Promise<readonly PeerConnection[]>;
  /** A counter of the group TcpExt, of its namespace. */
  counter(name: string): Promise<number>;
  /** Runs ip(8) there. */
  ip(words: string): void;
}

/** This host's end is `left` with 192.0.2.1, 2001:db8::1 and fe80::1, the peer's is `right` with ….2. Each is alone in its namespace. */
export async function createTwoHosts(): Promise<Peer> {
  const script = fileURLToPath(new URL('scenarios/tcp-peer.ts', import.meta.url));
  const child = spawn('unshare', ['--net', process.execPath, '--conditions=@steelyard/source', script], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
  });
  await once(child, 'message'); // it is in its namespace
  const ipThere = (words: string): void => {
    execFileSync('nsenter', ['--net', `--target=${child.pid}`, 'ip', ...words.split(' ')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  };
  ip('link set lo up');
  ipThere('link set lo up');
  addCable(child, ipThere, 'left', 'right');
  await addAddresses('left', ip, 1);
  await addAddresses('right', ipThere, 2);
  await until('carrier', () => execFileSync('ip', ['-o', 'link', 'show', 'left']).includes('state UP'));
  return createPeer(child, ipThere);
}

/** A second cable, without addresses. */
export function addCable(
  child: ChildProcess | Peer,
  ipThere: (words: string) => void,
  near: string,
  far: string,
): void {
  const pid = 'pid' in child ? child.pid : peerPids.get(child as Peer);
  ip(`link add ${near} type veth peer name ${far} netns ${pid}`);
  ip(`link set ${near} up`);
  ipThere(`link set ${far} up`);
}

async function addAddresses(name: string, run: (words: string) => void, host: number): Promise<void> {
  run(`address add 192.0.2.${host}/24 dev ${name}`);
  run(`address add 2001:db8::${host}/64 dev ${name} nodad`);
  run(`address add fe80::${host}/64 dev ${name} nodad`);
}

const peerPids = new WeakMap<Peer, number | undefined>();

function createPeer(child: ChildProcess, ipThere: (words: string) => void): Peer {
  const waiting = new Map<number, (reply: PeerReply) => void>();
  let lastId = 0;
  child.on('message', (reply: PeerReply) => {
    waiting.get(reply.id)?.(reply);
    waiting.delete(reply.id);
  });
  async function ask<Answer>(command: string, argument?: unknown): Promise<Answer> {
    lastId += 1;
    const id = lastId;
    const { promise, resolve } = Promise.withResolvers<PeerReply>();
    waiting.set(id, resolve);
    child.send({ id, command, argument });
    const reply = await promise;
    if (reply.error !== undefined) throw new Error(`the peer, at ${command}: ${reply.error}`);
    return reply.answer as Answer;
  }
  const peer: Peer = {
    listen: (options = {}) => ask('listen', options),
    setMd5Key: (options) => ask('setMd5Key', options),
    connect: (options) => ask('connect', options),
    write: (octets) => ask('write', octets),
    connections: () => ask('connections'),
    counter: async (name) => tcpCounter(await ask<string>('netstat'), name),
    ip: ipThere,
    [Symbol.dispose]: () => {
      child.kill('SIGKILL');
    },
  };
  peerPids.set(peer, child.pid);
  return peer;
}

/** A counter of the group TcpExt, of this process' namespace. */
export function counterHere(name: string): number {
  return tcpCounter(readFileSync('/proc/net/netstat', 'utf8'), name);
}

function tcpCounter(netstat: string, name: string): number {
  const [names = [], numbers = []] = netstat
    .split('\n')
    .filter((line) => line.startsWith('TcpExt:'))
    .map((line) => line.split(' '));
  return Number(numbers[names.indexOf(name)]);
}

/** Waits until a counter is larger than it was. */
export async function grows(read: () => number | Promise<number>, before: number, what: string): Promise<void> {
  let now = before;
  const ask = async (): Promise<void> => {
    now = await read();
  };
  await until(what, () => {
    void ask();
    return now > before;
  });
}

/** @returns once it is connected. @throws what it says instead. */
export async function connected(socket: Socket): Promise<Socket> {
  await once(socket, 'connect');
  socket.on('error', () => {});
  return socket;
}

/** Sends octets and waits until as many come back. */
export async function echoes(socket: Socket, octets = 100): Promise<void> {
  let received = 0;
  const count = (chunk: Buffer): void => {
    received += chunk.length;
  };
  socket.on('data', count);
  socket.write(new Uint8Array(octets));
  await until('the echo', () => received >= octets);
  socket.off('data', count);
}
