import { type Decoded, decoded, failed } from '@steelyard/wire';
import type { GossipDecodeCode } from '../messages/decode-code.ts';
import { CLEAR, CODES, END, FIRST_WIDTH, LAST_WIDTH } from './code-table.ts';

/* What a code above 257 stands for: the sequence of its prefix, and one octet more. Written anew from each clear on. */
const prefixes = new Uint16Array(CODES);
const suffixes = new Uint8Array(CODES);
const lengths = new Uint16Array(CODES);

const NONE = -1;

/**
 * Undoes {@link compressLzw}: Go's `compress/lzw`, least significant bits first, literals of 8 bits. Octets after the
 * end code are ignored.
 *
 * @param greatestOctets - Where a longer output is refused, before it is made: some hundred octets can stand for
 *   megabytes.
 * @returns What was compressed, or why it is nothing. Never throws.
 * @see golang/go `src/compress/lzw/reader.go`
 */
export function decompressLzw(input: Uint8Array, greatestOctets: number): Decoded<Uint8Array, GossipDecodeCode> {
  let output = new Uint8Array(Math.min(greatestOctets, Math.max(64, input.length * 4)));
  let written = 0;
  let read = 0;
  let bits = 0;
  let bitCount = 0;
  let width = FIRST_WIDTH;
  let highest = END;
  let overflow = 1 << FIRST_WIDTH;
  let last = NONE;

  for (;;) {
    while (bitCount < width) {
      const octet = input[read];
      if (octet === undefined) {
        return failed('ERR_MEMBERLIST_COMPRESSION_CORRUPT', read, 'the compressed octets end without an end code');
      }
      bits |= octet << bitCount;
      bitCount += 8;
      read += 1;
    }
    const code = bits & ((1 << width) - 1);
    bits >>>= width;
    bitCount -= width;

    if (code === CLEAR) {
      width = FIRST_WIDTH;
      highest = END;
      overflow = 1 << FIRST_WIDTH;
      last = NONE;
      continue;
    }
    if (code === END) return decoded(output.slice(0, written));
    if (code > highest) {
      return failed('ERR_MEMBERLIST_COMPRESSION_CORRUPT', read, `code ${code} was used before it was defined`);
    }
    // The newest code may be used in the same step that defines it: it then stands for the last sequence and its head.
    const isNewest = code === highest && last !== NONE;
    const sequence = isNewest ? last : code;
    const length = lengthOf(sequence) + (isNewest ? 1 : 0);
    if (written + length > greatestOctets) {
      return failed('ERR_MEMBERLIST_LIMIT_EXCEEDED', read, `more than ${greatestOctets} octets after decompression`);
    }
    output = withRoom(output, written + length, greatestOctets);
    const head = writeSequence(output, written, sequence);
    if (isNewest) output[written + length - 1] = head;
    written += length;
    if (last !== NONE) {
      prefixes[highest] = last;
      suffixes[highest] = head;
      lengths[highest] = lengthOf(last) + 1;
    }
    last = code;
    highest += 1;
    if (highest < overflow) continue;
    if (width === LAST_WIDTH) {
      // The table is full: codes keep their meaning until a clear.
      last = NONE;
      highest -= 1;
    } else {
      width += 1;
      overflow <<= 1;
    }
  }
}

function lengthOf(code: number): number {
  return code < CLEAR ? 1 : (lengths[code] ?? 0);
}

/** Writes what a code stands for from its last octet to its first, which is returned. */
function writeSequence(output: Uint8Array, start: number, sequence: number): number {
  let code = sequence;
  for (let at = start + lengthOf(sequence) - 1; at > start; at -= 1) {
    output[at] = suffixes[code] ?? 0;
    code = prefixes[code] ?? 0;
  }
  output[start] = code;
  return code;
}

function withRoom(output: Uint8Array<ArrayBuffer>, needed: number, greatest: number): Uint8Array<ArrayBuffer> {
  if (needed <= output.length) return output;
  const grown = new Uint8Array(Math.min(greatest, Math.max(needed, output.length * 2)));
  grown.set(output);
  return grown;
}
