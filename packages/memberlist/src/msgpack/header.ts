/** What the first octets of a MessagePack value say of the rest. */
export interface ValueHeader {
  /** Octets of the header itself, the first one among them. */
  readonly headerOctets: number;
  /** Octets that follow and are no values. */
  readonly contentOctets: number;
  /** Values that follow: the elements of an array; two for each entry of a map. */
  readonly values: number;
  readonly family: Family;
}

export type Family = 'nil' | 'bool' | 'uint' | 'int' | 'float' | 'raw' | 'array' | 'map' | 'ext';

/** By the first octet from 0xc0: the octets of the length that follows it, or of the value. */
const FORMS: readonly (readonly [family: Family, lengthOctets: number, contentOctets: number] | undefined)[] = [
  ['nil', 0, 0], // c0
  undefined, // c1: never used
  ['bool', 0, 0],
  ['bool', 0, 0],
  ['raw', 1, 0], // c4 bin8
  ['raw', 2, 0],
  ['raw', 4, 0],
  ['ext', 1, 1], // c7 ext8: its type is one octet more
  ['ext', 2, 1],
  ['ext', 4, 1],
  ['float', 0, 4], // ca
  ['float', 0, 8],
  ['uint', 0, 1], // cc
  ['uint', 0, 2],
  ['uint', 0, 4],
  ['uint', 0, 8],
  ['int', 0, 1], // d0
  ['int', 0, 2],
  ['int', 0, 4],
  ['int', 0, 8],
  ['ext', 0, 2], // d4 fixext1
  ['ext', 0, 3],
  ['ext', 0, 5],
  ['ext', 0, 9],
  ['ext', 0, 17],
  ['raw', 1, 0], // d9 str8
  ['raw', 2, 0],
  ['raw', 4, 0],
  ['array', 2, 0], // dc
  ['array', 4, 0],
  ['map', 2, 0], // de
  ['map', 4, 0],
];

/** The header of the value at `offset`; `'invalid'`: no value begins so; a number: so many octets are needed to tell. */
export function readValueHeader(octets: Uint8Array, offset: number, end: number): ValueHeader | 'invalid' | number {
  const first = octets[offset];
  if (first === undefined || offset >= end) return 1;
  if (first <= 0x7f || first >= 0xe0) return header('int', 1, 0);
  if (first <= 0x8f) return header('map', 1, first & 0x0f);
  if (first <= 0x9f) return header('array', 1, first & 0x0f);
  if (first <= 0xbf) return header('raw', 1, first & 0x1f);
  const form = FORMS[first - 0xc0];
  if (form === undefined) return 'invalid';
  const [family, lengthOctets, contentOctets] = form;
  if (offset + 1 + lengthOctets > end) return 1 + lengthOctets;
  let length = contentOctets;
  for (let i = 0, size = 0; i < lengthOctets; i += 1) {
    size = size * 0x100 + (octets[offset + 1 + i] ?? 0);
    if (i === lengthOctets - 1) length += size;
  }
  return header(family, 1 + lengthOctets, length);
}

function header(family: Family, headerOctets: number, length: number): ValueHeader {
  if (family === 'map') return { family, headerOctets, contentOctets: 0, values: length * 2 };
  if (family === 'array') return { family, headerOctets, contentOctets: 0, values: length };
  return { family, headerOctets, contentOctets: length, values: 0 };
}
