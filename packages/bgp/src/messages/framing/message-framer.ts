import { type BgpDecoded, type BgpDecodeFailure, refused } from '../decode-failure.ts';
import { OPENING_SESSION, type SessionContext } from '../session-context.ts';
import { faultOfHeader, lengthOf } from './header.ts';
import { HEADER_LENGTH } from './limits.ts';

/** What of a session decides how long a message may be. */
export type FramingContext = Pick<SessionContext, 'extendedMessage'>;

/** Finds the messages in what TCP delivers. */
export interface MessageFramer {
  /**
   * Takes what came, in pieces of any size.
   *
   * The messages are found while they are asked for: what `setContext` says between two of them counts for the next.
   * A message that lies in `octets` as a whole is a view of them, valid as long as they are; one that came in pieces is
   * a copy of its own.
   *
   * After a failure nothing more comes: where the next message begins is unknown.
   *
   * @param octets - Kept until its messages were asked for.
   * @returns To be gone through once. It can be left early, and the next call goes on where it was left.
   */
  push(octets: Uint8Array): Iterable<BgpDecoded<Uint8Array>>;
  /** What the next message may be. */
  setContext(context: FramingContext): void;
  /** Octets of a message whose rest has not come; 0 between two messages. */
  readonly pendingOctets: number;
}

/**
 * Frames one direction of one TCP connection: RFC 4271, section 4.1. It keeps one message at most.
 *
 * @param context - Before both OPENs were read: `OPENING_SESSION`, the default.
 */
export function createMessageFramer(context: FramingContext = OPENING_SESSION): MessageFramer {
  return new Framer(context);
}

const NOTHING = new Uint8Array();

class Framer implements MessageFramer, IterableIterator<BgpDecoded<Uint8Array>, undefined> {
  #context: FramingContext;
  #chunk: Uint8Array = NOTHING;
  #position = 0;
  /** The beginning of a message whose rest is awaited: the header first, then as much as its Length says. */
  readonly #header = new Uint8Array(HEADER_LENGTH);
  #partial: Uint8Array = this.#header;
  #partialLength = 0;
  #state: 'reading' | 'failed' = 'reading';

  constructor(context: FramingContext) {
    this.#context = context;
  }

  get pendingOctets(): number {
    return this.#partialLength + this.#chunk.length - this.#position;
  }

  setContext(context: FramingContext): void {
    this.#context = context;
  }

  push(octets: Uint8Array): Iterable<BgpDecoded<Uint8Array>> {
    if (this.#state === 'failed') return this;
    const left = this.#chunk.length - this.#position;
    if (left === 0) {
      this.#chunk = octets;
    } else {
      // Only where the messages of the last call were not all asked for.
      const joined = new Uint8Array(left + octets.length);
      joined.set(this.#chunk.subarray(this.#position));
      joined.set(octets, left);
      this.#chunk = joined;
    }
    this.#position = 0;
    return this;
  }

  [Symbol.iterator](): IterableIterator<BgpDecoded<Uint8Array>, undefined> {
    return this;
  }

  next(): IteratorResult<BgpDecoded<Uint8Array>, undefined> {
    const message = this.#state === 'failed' ? undefined : this.#nextMessage();
    return message === undefined ? { done: true, value: undefined } : { done: false, value: message };
  }

  #nextMessage(): BgpDecoded<Uint8Array> | undefined {
    if (this.#partialLength === 0) {
      const left = this.#chunk.length - this.#position;
      if (left >= HEADER_LENGTH) {
        const fault = faultOfHeader(this.#chunk, this.#position, this.#context);
        if (fault !== undefined) return this.#fail(fault);
        const length = lengthOf(this.#chunk, this.#position);
        if (left >= length) return this.#whole(length);
        this.#partial = new Uint8Array(length);
      }
    }
    return this.#pieces();
  }

  #whole(length: number): BgpDecoded<Uint8Array> {
    const value = this.#chunk.subarray(this.#position, this.#position + length);
    this.#position += length;
    if (this.#position === this.#chunk.length) this.#release();
    return { ok: true, value };
  }

  #pieces(): BgpDecoded<Uint8Array> | undefined {
    this.#fill();
    if (this.#partialLength < this.#partial.length) return undefined;
    if (this.#partial === this.#header) {
      const fault = faultOfHeader(this.#header, 0, this.#context);
      if (fault !== undefined) return this.#fail(fault);
      this.#partial = new Uint8Array(lengthOf(this.#header, 0));
      this.#partial.set(this.#header);
      this.#fill();
      if (this.#partialLength < this.#partial.length) return undefined;
    }
    const value = this.#partial;
    this.#partial = this.#header;
    this.#partialLength = 0;
    return { ok: true, value };
  }

  /** Moves what the chunk has into the message that is awaited. */
  #fill(): void {
    const count = Math.min(this.#partial.length - this.#partialLength, this.#chunk.length - this.#position);
    if (count > 0) {
      this.#partial.set(this.#chunk.subarray(this.#position, this.#position + count), this.#partialLength);
      this.#partialLength += count;
      this.#position += count;
    }
    if (this.#position === this.#chunk.length) this.#release();
  }

  #release(): void {
    this.#chunk = NOTHING;
    this.#position = 0;
  }

  #fail(failure: BgpDecodeFailure): BgpDecoded<Uint8Array> {
    this.#state = 'failed';
    this.#release();
    this.#partial = this.#header;
    this.#partialLength = 0;
    return refused(failure);
  }
}
