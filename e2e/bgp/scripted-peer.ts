import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { listenInside, type Namespace, waitUntil } from '@steelyard/testkit';
import {
  type HeardMessage,
  keepalive,
  NOTIFICATION,
  OPEN,
  type OpenFields,
  open,
  takeMessages,
  UPDATE,
} from './scripted-peer-octets.ts';

/** What a NOTIFICATION says, written for tests: `3/11`, and its data in hexadecimal. */
export interface HeardNotification {
  readonly codes: string;
  readonly data: string;
}

const PATIENCE = { timeoutMs: 20_000, intervalMs: 2 };

/** One connection of a peer that does whatever a test wants. */
export class ScriptedPeer {
  readonly socket: Socket;
  /** Everything heard but UPDATEs, which are counted: a peer may be told very much. */
  readonly heard: HeardMessage[] = [];
  updatesHeard = 0;
  octetsHeard = 0;
  /** The other end has closed, or reset, the connection. */
  closed: boolean = false;
  #rest: Uint8Array = new Uint8Array();

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (octets) => this.#hear(octets));
    socket.on('error', () => {});
    socket.on('end', () => {
      this.closed = true;
    });
    socket.on('close', () => {
      this.closed = true;
    });
  }

  say(...octets: readonly Uint8Array[]): void {
    if (this.socket.writable) this.socket.write(Buffer.concat(octets));
  }

  /** One octet at a time. */
  async drip(octets: Uint8Array, intervalMs: number): Promise<void> {
    for (const octet of octets) {
      if (this.closed) return;
      this.say(Uint8Array.of(octet));
      await sleep(intervalMs);
    }
  }

  /** Writes more than the socket takes at once, and waits for each time that it does. */
  async pour(chunk: Uint8Array, times: number): Promise<void> {
    for (let i = 0; i < times && this.socket.writable; i++) {
      if (!this.socket.write(chunk)) await Promise.race([once(this.socket, 'drain'), once(this.socket, 'close')]);
    }
  }

  /** Reads nothing from now on: the window closes. */
  deaf(): void {
    this.socket.pause();
  }

  hangUp(): void {
    this.socket.end();
  }

  reset(): void {
    this.socket.resetAndDestroy();
  }

  /** OPEN and KEEPALIVE of both: the session is established there. */
  async greet(fields: OpenFields): Promise<this> {
    await this.waitFor(OPEN);
    this.say(open(fields), keepalive);
    await waitUntil('the KEEPALIVE that confirms', () => this.heard.length >= 2, PATIENCE);
    return this;
  }

  async waitFor(type: number): Promise<HeardMessage> {
    const what = `a message of type ${type}`;
    return await waitUntil(what, () => this.heard.find((message) => message.type === type), PATIENCE);
  }

  /** The NOTIFICATION with which the other end hangs up. */
  async farewell(): Promise<HeardNotification> {
    await this.waitFor(NOTIFICATION);
    await waitUntil('the connection to be closed', () => this.closed, PATIENCE);
    return this.notifications[0] ?? { codes: '', data: '' };
  }

  get notifications(): readonly HeardNotification[] {
    return this.heard
      .filter(({ type }) => type === NOTIFICATION)
      .map(({ octets }) => ({
        codes: `${octets[19]}/${octets[20]}`,
        data: Buffer.from(octets.subarray(21)).toString('hex'),
      }));
  }

  #hear(octets: Uint8Array): void {
    this.octetsHeard += octets.length;
    const { messages, rest } = takeMessages(this.#rest.length === 0 ? octets : Buffer.concat([this.#rest, octets]));
    this.#rest = rest;
    for (const message of messages) {
      if (message.type === UPDATE) this.updatesHeard += 1;
      else this.heard.push(message);
    }
  }
}

/** Where such a peer is called. */
export interface ScriptedRouter extends AsyncDisposable {
  /** All calls so far. */
  readonly calls: number;
  /** The next call that nobody has taken yet. */
  next(): Promise<ScriptedPeer>;
  /** The next call, answered. */
  greeted(fields: OpenFields): Promise<ScriptedPeer>;
  /** From now on, calls are answered so, and `next` has none. */
  answer(script: ((peer: ScriptedPeer) => void) | undefined): void;
  close(): Promise<void>;
}

/** Listens in a namespace; the octets are this process's. */
export async function listenScripted(
  namespace: Namespace,
  { host, port = 179 }: { readonly host: string; readonly port?: number },
): Promise<ScriptedRouter> {
  const waiting: ScriptedPeer[] = [];
  let calls = 0;
  let script: ((peer: ScriptedPeer) => void) | undefined;
  const listener = await listenInside(namespace, { host, port }, (socket) => {
    calls += 1;
    const peer = new ScriptedPeer(socket);
    if (script === undefined) waiting.push(peer);
    else script(peer);
  });
  const close = (): Promise<void> => listener.close();
  const next: ScriptedRouter['next'] = () =>
    waitUntil(
      'a call',
      () => {
        // Who has hung up meanwhile is not worth answering.
        while (waiting[0]?.closed === true) waiting.shift();
        return waiting.shift();
      },
      PATIENCE,
    );
  return {
    get calls() {
      return calls;
    },
    next,
    greeted: async (fields) => (await next()).greet(fields),
    answer(next) {
      script = next;
      if (next !== undefined) for (const peer of waiting.splice(0)) if (!peer.closed) next(peer);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
