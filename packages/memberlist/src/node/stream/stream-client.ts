import { connect } from 'node:net';
import { formatIpAddress } from '@steelyard/wire';
import type { Endpoint, StreamMessage } from '../../messages/message.ts';
import type { GossipCodec } from '../codec.ts';
import { formatEndpoint, isReachable } from '../endpoint.ts';
import { giveBack } from '../give-back.ts';

/** Joins are asked for by the hundred. */
const MAX_CONNECTIONS = 128;

/** A question by a connection of its own, and what came of it. */
export interface StreamQuestion {
  readonly to: Endpoint;
  readonly message: StreamMessage;
  readonly dialTimeoutMs: number;
  /** From then on, for the question and again for the answer. */
  readonly timeoutMs: number;
  done(outcome: StreamMessage | { readonly type: 'failed'; readonly reason: string }): void;
}

/** Asks other members by TCP. */
export class StreamClient {
  readonly #codec: () => GossipCodec;
  readonly #waiting: StreamQuestion[] = [];
  readonly #open = new Set<() => void>();
  #itemsRead = 0;
  #closed: boolean = false;

  constructor(codec: () => GossipCodec) {
    this.#codec = codec;
  }

  get itemsRead(): number {
    return this.#itemsRead;
  }

  ask(question: StreamQuestion): void {
    if (this.#closed) return;
    if (!isReachable(question.to)) {
      queueMicrotask(() => this.#closed || question.done({ type: 'failed', reason: 'no address to connect to' }));
    } else if (this.#open.size >= MAX_CONNECTIONS) this.#waiting.push(question);
    else this.#dial(question);
  }

  /** Nobody is told any more. */
  close(): void {
    this.#closed = true;
    this.#waiting.length = 0;
    for (const drop of this.#open) drop();
  }

  #dial({ to, message, dialTimeoutMs, timeoutMs, done }: StreamQuestion): void {
    const codec = this.#codec(); // keys may change before the answer
    const reader = codec.streamReplyReader();
    const socket = connect({ host: formatIpAddress(to.address), port: to.port });
    let settled = false;
    let phase = 'connecting';
    const drop = (): void => void socket.destroy();
    const settle = (outcome: Parameters<StreamQuestion['done']>[0]): void => {
      if (settled) return;
      settled = true;
      if (!this.#closed) done(outcome);
    };
    const fail = (reason: string): void => {
      settle({ type: 'failed', reason: `${formatEndpoint(to)}: ${reason}` });
      drop();
    };
    const after = (ms: number): NodeJS.Timeout => setTimeout(() => fail(`${phase} took longer than ${ms} ms`), ms);
    let timer = after(dialTimeoutMs);
    const next = (name: string): void => {
      clearTimeout(timer);
      phase = name;
      if (!socket.destroyed) timer = after(timeoutMs);
    };
    this.#open.add(drop);
    socket.on('connect', () => {
      next('sending');
      socket.write(codec.encodeStreamRequest(message), () => next('the answer'));
    });
    socket.on('data', (octets) => {
      this.#itemsRead += 1;
      const outcome = settled ? 'need more' : reader.push(octets);
      giveBack(octets);
      if (outcome === 'need more') return;
      if (!outcome.ok) {
        fail(`${outcome.failure.code}: ${outcome.failure.message}`);
        return;
      }
      settle(outcome.value);
      socket.end(); // with a FIN: Go's library would log a reset
    });
    socket.on('end', () => {
      if (!settled) fail('ended the connection without an answer');
    });
    socket.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
    socket.on('close', () => {
      clearTimeout(timer);
      reader.end();
      fail('closed');
      this.#open.delete(drop);
      const waiting = this.#closed ? undefined : this.#waiting.shift();
      if (waiting !== undefined) this.#dial(waiting);
    });
  }
}
