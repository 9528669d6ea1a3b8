import type { DecodeFailure } from '@steelyard/wire';
import type { GossipDecodeCode } from '../messages/decode-code.ts';
import { readValueHeader, type ValueHeader } from './header.ts';
import { decodeText } from './text.ts';
import { createValueEnd } from './value-end.ts';

/** What a field of a Go struct holds. */
export type FieldKind = 'uint8' | 'uint16' | 'uint32' | 'int' | 'bool' | 'octets' | 'text';

type FieldValue<Kind extends FieldKind> = Kind extends 'octets'
  ? Uint8Array
  : Kind extends 'text'
    ? string
    : Kind extends 'bool'
      ? boolean
      : number;

/** The fields of a Go struct, in the order of their declaration. */
export type Schema = Readonly<Record<string, FieldKind>>;

/** A struct that was read; what was missing or nil is zero. */
export type Struct<S extends Schema> = { -readonly [Name in keyof S]: FieldValue<S[Name]> };

const GREATEST: Readonly<Record<'uint8' | 'uint16' | 'uint32' | 'int', number>> = {
  uint8: 0xff,
  uint16: 0xffff,
  uint32: 0xffff_ffff,
  int: Number.MAX_SAFE_INTEGER,
};

const NO_OCTETS = new Uint8Array(0);

/** Longer than any key that we know. */
const LONGEST_KEY_OCTETS = 32;

/** A place in octets, and why reading stopped there. */
interface Cursor {
  readonly octets: Uint8Array;
  offset: number;
  failure: DecodeFailure<GossipDecodeCode> | undefined;
}

/**
 * Reads one struct as tolerantly as go-msgpack does: keys in any order, unknown ones skipped with whatever value, nil
 * for zero, octets as any kind of string or as an array of integers, integers in any form that fits, a struct as an
 * array in the order of its declaration.
 *
 * Octets after the struct are left alone. Octet fields are views of `octets`.
 *
 * @returns The struct and where it ends, or why it is none. Never throws.
 * @see hashicorp/go-msgpack `codec/decode.go`, `kStruct`
 */
export function readStruct<S extends Schema>(
  octets: Uint8Array,
  offset: number,
  schema: S,
): { readonly ok: true; readonly value: Struct<S>; readonly end: number } | Failed {
  const cursor: Cursor = { octets, offset, failure: undefined };
  const values: Record<string, number | boolean | string | Uint8Array> = {};
  const names = Object.keys(schema);
  for (const name of names) values[name] = zeroOf(schema[name]);
  const header = takeHeader(cursor);
  if (header?.family === 'map') {
    for (let left = header.values; left > 0 && cursor.failure === undefined; left -= 2) {
      const name = readKey(cursor);
      const kind = Object.hasOwn(schema, name) ? schema[name] : undefined;
      if (kind === undefined) skipValue(cursor);
      else values[name] = readField(cursor, name, kind);
    }
  } else if (header?.family === 'array') {
    for (let index = 0; index < header.values && cursor.failure === undefined; index += 1) {
      const name = names[index];
      const kind = name === undefined ? undefined : schema[name];
      if (name === undefined || kind === undefined) skipValue(cursor);
      else values[name] = readField(cursor, name, kind);
    }
  } else if (header !== undefined && header.family !== 'nil') {
    malformed(cursor, offset, `a struct is a map or an array, not ${header.family}`);
  }
  if (cursor.failure !== undefined) return { ok: false, failure: cursor.failure };
  return { ok: true, value: values as Struct<S>, end: cursor.offset };
}

export interface Failed {
  readonly ok: false;
  readonly failure: DecodeFailure<GossipDecodeCode>;
}

function zeroOf(kind: FieldKind | undefined): number | boolean | string | Uint8Array {
  if (kind === 'octets') return NO_OCTETS;
  if (kind === 'text') return '';
  return kind === 'bool' ? false : 0;
}

function readField(cursor: Cursor, name: string, kind: FieldKind): number | boolean | string | Uint8Array {
  const start = cursor.offset;
  const header = takeHeader(cursor);
  if (header === undefined || header.family === 'nil') return zeroOf(kind);
  if (kind === 'octets' || kind === 'text') {
    const value = readRaw(cursor, header, start, name);
    return kind === 'text' ? decodeText(value) : value;
  }
  if (kind === 'bool') return readBool(cursor, header, start, name);
  return readInteger(cursor, header, start, name, kind);
}

/** Also from the integers 0 and 1, in one octet. */
function readBool(cursor: Cursor, header: ValueHeader, start: number, name: string): boolean {
  const octet = cursor.octets[start] ?? 0;
  if (header.family === 'bool') return octet === 0xc3;
  if (octet > 1) malformed(cursor, start, `${name} is a boolean, not ${header.family}`);
  return octet === 1;
}

function readInteger(
  cursor: Cursor,
  header: ValueHeader,
  start: number,
  name: string,
  kind: 'uint8' | 'uint16' | 'uint32' | 'int',
): number {
  const value = integerOf(cursor.octets, start, header);
  if (value === undefined) {
    malformed(cursor, start, `${name} is an integer, not ${header.family}`);
    return 0;
  }
  const greatest = GREATEST[kind];
  if (value > greatest || value < (kind === 'int' ? -greatest : 0)) {
    fail(cursor, 'ERR_MEMBERLIST_OUT_OF_RANGE', start, `${name} is ${value}, which does not fit into ${kind}`);
    return 0;
  }
  cursor.offset = start + header.headerOctets + header.contentOctets;
  return value;
}

/** Beyond 2^53 only roughly right, which is enough to refuse it. */
function integerOf(octets: Uint8Array, start: number, header: ValueHeader): number | undefined {
  if (header.family !== 'int' && header.family !== 'uint') return undefined;
  const first = octets[start] ?? 0;
  if (header.contentOctets === 0) return first > 0x7f ? first - 0x100 : first;
  let value = 0;
  for (let i = 1; i <= header.contentOctets; i += 1) value = value * 0x100 + (octets[start + i] ?? 0);
  const bound = 2 ** (8 * header.contentOctets);
  return header.family === 'int' && value >= bound / 2 ? value - bound : value;
}

/** Any kind of string, or an array of integers from 0 to 255. */
function readRaw(cursor: Cursor, header: ValueHeader, start: number, name: string): Uint8Array {
  if (header.family === 'raw') {
    return cursor.octets.subarray(cursor.offset - header.contentOctets, cursor.offset);
  }
  if (header.family !== 'array') {
    malformed(cursor, start, `${name} is octets, not ${header.family}`);
    return NO_OCTETS;
  }
  // Each element takes an octet at least: what cannot be complete reserves nothing.
  if (header.values > cursor.octets.length - cursor.offset) {
    truncated(cursor, cursor.octets.length, header.values);
    return NO_OCTETS;
  }
  const value = new Uint8Array(header.values);
  for (let i = 0; i < value.length && cursor.failure === undefined; i += 1) {
    const at = cursor.offset;
    const octet = cursor.octets[at] ?? 0;
    if (octet <= 0x7f && at < cursor.octets.length) {
      value[i] = octet;
      cursor.offset += 1;
      continue;
    }
    const element = takeHeader(cursor);
    if (element !== undefined && element.family !== 'nil') value[i] = readInteger(cursor, element, at, name, 'uint8');
  }
  return value;
}

/** A key that is too long to be known is read as an unknown one. */
function readKey(cursor: Cursor): string {
  const start = cursor.offset;
  const header = takeHeader(cursor);
  if (header === undefined) return '';
  const key = header.family === 'nil' ? NO_OCTETS : readRaw(cursor, header, start, 'a key');
  if (key.length === 0) malformed(cursor, start, 'an empty key'); // Go's library fails over it, too
  return key.length > LONGEST_KEY_OCTETS ? '' : decodeText(key);
}

function skipValue(cursor: Cursor): void {
  const valueEnd = createValueEnd(cursor.offset);
  const end = valueEnd.find(cursor.octets, cursor.octets.length);
  if (end === 'invalid') malformed(cursor, cursor.offset, 'the value of an unknown key is none');
  else if (end === 'need more') truncated(cursor, cursor.octets.length, valueEnd.reaches - cursor.octets.length);
  else cursor.offset = end;
}

/** Goes past the header of the next value and the content that belongs to it. */
function takeHeader(cursor: Cursor): ValueHeader | undefined {
  if (cursor.failure !== undefined) return undefined;
  const { octets, offset } = cursor;
  const header = readValueHeader(octets, offset, octets.length);
  if (header === 'invalid') {
    malformed(cursor, offset, 'no MessagePack value begins with 0xc1');
    return undefined;
  }
  if (typeof header === 'number') {
    truncated(cursor, octets.length, offset + header - octets.length);
    return undefined;
  }
  const end = offset + header.headerOctets + header.contentOctets;
  if (end > octets.length) {
    truncated(cursor, octets.length, end - octets.length);
    return undefined;
  }
  cursor.offset = end;
  return header;
}

function truncated(cursor: Cursor, offset: number, missing: number): void {
  fail(cursor, 'ERR_MEMBERLIST_TRUNCATED', offset, `at least ${missing} more octets were announced`);
}

function malformed(cursor: Cursor, offset: number, message: string): void {
  fail(cursor, 'ERR_MEMBERLIST_MALFORMED', offset, message);
}

/** The first one counts. */
function fail(cursor: Cursor, code: GossipDecodeCode, offset: number, message: string): void {
  cursor.failure ??= { code, offset, message };
}
