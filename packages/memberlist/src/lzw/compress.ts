import { CLEAR, CODES, END, FIRST_WIDTH, LAST_WIDTH } from './code-table.ts';

/** Four times the codes: Go's table, which only decides how fast a sequence is found. */
const LARGEST_TABLE = 4 * CODES;

/** 2^32 divided by the golden ratio: spreads neighbouring keys (Knuth, The Art of Computer Programming, 6.4). */
const GOLDEN_RATIO = 0x9e37_79b1;

/** Each entry is `(prefix code, octet) << 12 | code`; 0: free, as no sequence has the code 0. */
const table = new Uint32Array(LARGEST_TABLE);

/**
 * Compresses as Go's `compress/lzw` does with least significant bits first and literals of 8 bits: octet for octet the
 * same, so that a packet grows or shrinks as its neighbours' do.
 *
 * @returns At most 1.5 times the octets of the input, and 3 more.
 * @see golang/go `src/compress/lzw/writer.go`
 */
export function compressLzw(input: Uint8Array): Uint8Array {
  const output = new Uint8Array(Math.ceil(input.length * 1.5) + 8);
  let written = 0;
  let bits = 0;
  let bitCount = 0;
  let width = FIRST_WIDTH;
  let highest = END;
  let overflow = 1 << FIRST_WIDTH;
  // A short input needs no large table, and a small one is emptied sooner.
  let tableBits = 8;
  while (1 << tableBits < input.length * 2 && 1 << tableBits < LARGEST_TABLE) tableBits += 1;
  const tableSize = 1 << tableBits;
  const mask = tableSize - 1;
  table.fill(0, 0, tableSize);

  const write = (code: number): void => {
    bits |= code << bitCount;
    bitCount += width;
    while (bitCount >= 8) {
      output[written] = bits & 0xff;
      written += 1;
      bits >>>= 8;
      bitCount -= 8;
    }
  };
  /** Takes the next code; false: there was none, and everything began anew. */
  const takeCode = (): boolean => {
    highest += 1;
    if (highest === overflow) {
      width += 1;
      overflow <<= 1;
    }
    if (highest !== CODES - 1) return true;
    write(CLEAR);
    width = FIRST_WIDTH;
    highest = END;
    overflow = 1 << FIRST_WIDTH;
    table.fill(0, 0, tableSize);
    return false;
  };

  write(CLEAR);
  let prefix = -1;
  for (const octet of input) {
    if (prefix < 0) {
      prefix = octet;
      continue;
    }
    const key = (prefix << 8) | octet;
    let at = Math.imul(key, GOLDEN_RATIO) >>> (32 - tableBits);
    let entry = table[at] ?? 0;
    while (entry !== 0 && entry >>> LAST_WIDTH !== key) {
      at = (at + 1) & mask;
      entry = table[at] ?? 0;
    }
    if (entry !== 0) {
      prefix = entry & (CODES - 1);
      continue;
    }
    write(prefix);
    prefix = octet;
    if (takeCode()) table[at] = ((key << LAST_WIDTH) | highest) >>> 0;
  }
  if (prefix >= 0) {
    write(prefix);
    takeCode();
  }
  write(END);
  if (bitCount > 0) {
    output[written] = bits & 0xff;
    written += 1;
  }
  return output.slice(0, written);
}
