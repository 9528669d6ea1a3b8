/*
 * A string of Go is any octets. What is not UTF-8 is kept all the same, so that two names that differ on the wire differ
 * here, and are told on as they came: octet 0x80 + n stands as the lone surrogate U+DC80 + n, which UTF-8 cannot produce
 * (the way of Python's PEP 383).
 */

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();
const ESCAPE = 0xdc00;

/** Longer than any UTF-8 sequence: what is undecodable within so many octets is escaped one octet at a time. */
const LONGEST_SEQUENCE = 4;

/** Up to here a loop is faster than a decoder, as most names are ASCII. */
const SHORT_OCTETS = 64;

/** Reads octets as text. Every sequence of octets gives another text. */
export function decodeText(octets: Uint8Array): string {
  if (octets.length > SHORT_OCTETS) return decodeUtf8(octets);
  let ascii = '';
  for (const octet of octets) {
    if (octet > 0x7f) return decodeUtf8(octets);
    ascii += String.fromCharCode(octet);
  }
  return ascii;
}

function decodeUtf8(octets: Uint8Array): string {
  return tryUtf8(octets) ?? decodeEscaped(octets);
}

function tryUtf8(octets: Uint8Array): string | undefined {
  try {
    return strict.decode(octets);
  } catch {
    return undefined;
  }
}

function decodeEscaped(octets: Uint8Array): string {
  const parts: string[] = [];
  let at = 0;
  while (at < octets.length) {
    const length = sequenceLength(octets[at] ?? 0);
    const character = length <= octets.length - at ? tryUtf8(octets.subarray(at, at + length)) : undefined;
    parts.push(character ?? String.fromCharCode(ESCAPE + (octets[at] ?? 0)));
    at += character === undefined ? 1 : length;
  }
  return parts.join('');
}

/** By its first octet: RFC 3629, section 3. Whether the sequence is valid is for the decoder to say. */
function sequenceLength(first: number): number {
  if (first < 0xc0) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : LONGEST_SEQUENCE;
}

/** Undoes {@link decodeText}. */
export function encodeText(text: string): Uint8Array {
  return (text.length <= SHORT_OCTETS ? encodeAscii(text) : undefined) ?? encodeAny(text);
}

function encodeAscii(text: string): Uint8Array | undefined {
  const octets = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code > 0x7f) return undefined;
    octets[at] = code;
  }
  return octets;
}

function encodeAny(text: string): Uint8Array {
  if (text.isWellFormed()) return encoder.encode(text);
  const octets: number[] = [];
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    if (point >= ESCAPE + 0x80 && point <= ESCAPE + 0xff) octets.push(point - ESCAPE);
    else octets.push(...encoder.encode(character));
  }
  return Uint8Array.from(octets);
}
