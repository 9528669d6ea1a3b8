/** A buffer that is larger is not kept for the next message. */
const GREATEST_KEPT_OCTETS = 0x1_0000;

/** The one that is not in use. */
let idle: MessageWriter | undefined;

/**
 * Writes a message from front to back, in network byte order. It allocates once for each message, at its end, where the
 * general writer of `@steelyard/wire` costs more than the message itself. Values must fit: whoever writes has looked.
 */
export class MessageWriter {
  #buffer = new Uint8Array(2048);
  #length = 0;

  uint8(value: number): this {
    const at = this.#reserve(1);
    this.#buffer[at] = value;
    return this;
  }

  uint16(value: number): this {
    const at = this.#reserve(2);
    this.#buffer[at] = value >>> 8;
    this.#buffer[at + 1] = value;
    return this;
  }

  uint32(value: number): this {
    return this.uint16(value >>> 16).uint16(value & 0xffff);
  }

  octets(value: Uint8Array): this {
    const at = this.#reserve(value.length);
    this.#buffer.set(value, at);
    return this;
  }

  /** A copy of what was written. The writer may then write something else: leave it. */
  finish(): Uint8Array {
    const written = this.#buffer.slice(0, this.#length);
    this.#length = 0;
    if (this.#buffer.length <= GREATEST_KEPT_OCTETS) idle = this;
    return written;
  }

  /** Makes room for `more` octets and gives where they go. It may replace the buffer: call it first. */
  #reserve(more: number): number {
    const start = this.#length;
    this.#length += more;
    if (this.#length > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(this.#length, this.#buffer.length * 2));
      grown.set(this.#buffer.subarray(0, start));
      this.#buffer = grown;
    }
    return start;
  }
}

/** Starts a message with its type. */
export function startMessage(type: number): MessageWriter {
  const writer = idle ?? new MessageWriter();
  idle = undefined;
  return writer.uint8(type);
}
