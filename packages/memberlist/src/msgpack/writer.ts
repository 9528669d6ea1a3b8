import type { MessageWriter } from './message-writer.ts';
import { encodeText } from './text.ts';

/** A field of a Go struct and its value. `undefined`: an empty field that is left out. */
export type Field =
  | readonly [name: string, kind: 'uint' | 'int', value: number | undefined]
  | readonly [name: string, kind: 'bool', value: boolean]
  | readonly [name: string, kind: 'octets', value: Uint8Array | undefined]
  | readonly [name: string, kind: 'text', value: string | undefined];

/**
 * Writes a struct as go-msgpack does with its options at their zero values: a map with the field names as keys, the old
 * "raw" type for strings and octets alike.
 *
 * @param fields - At most 15, sorted by name, bytewise. Names are those of fields: each is remembered.
 * @see hashicorp/go-msgpack `codec/msgpack.go`, `msgpackEncDriver`
 */
export function writeStruct(writer: MessageWriter, fields: readonly Field[]): void {
  let present = 0;
  for (const field of fields) if (field[2] !== undefined) present += 1;
  writer.uint8(0x80 | present);
  for (const [name, kind, value] of fields) {
    if (value === undefined) continue;
    writer.octets(keyOctets(name));
    if (value instanceof Uint8Array) writeOctets(writer, value);
    else if (typeof value === 'string') writeRaw(writer, encodeText(value));
    else if (typeof value === 'boolean') writer.uint8(value ? 0xc3 : 0xc2);
    else (kind === 'int' ? writeInt : writeUint)(writer, value);
  }
}

/** Each key with its header, as often as it is written: there are some twenty. */
const keys = new Map<string, Uint8Array>();

function keyOctets(name: string): Uint8Array {
  let octets = keys.get(name);
  if (octets === undefined) {
    const text = encodeText(name);
    octets = Uint8Array.of(0xa0 | text.length, ...text);
    keys.set(name, octets);
  }
  return octets;
}

/** No octets are Go's nil, as they are in every message of a member without a delegate. */
function writeOctets(writer: MessageWriter, value: Uint8Array): void {
  if (value.length === 0) writer.uint8(0xc0);
  else writeRaw(writer, value);
}

/** fixstr, str16, str32: never str8 or bin, which the old "raw" type did not have. */
function writeRaw(writer: MessageWriter, value: Uint8Array): void {
  if (value.length < 32) writer.uint8(0xa0 | value.length);
  else if (value.length < 0x1_0000) writer.uint8(0xda).uint16(value.length);
  else writer.uint8(0xdb).uint32(value.length);
  writer.octets(value);
}

/** The shortest of fixint, uint8, uint16, uint32. */
function writeUint(writer: MessageWriter, value: number): void {
  if (value <= 0x7f) writer.uint8(value);
  else if (value <= 0xff) writer.uint8(0xcc).uint8(value);
  else if (value <= 0xffff) writer.uint8(0xcd).uint16(value);
  else writer.uint8(0xce).uint32(value);
}

/** Go's `int`, never negative here: the shortest of fixint, int16, int32; there is no int8 above 127. */
function writeInt(writer: MessageWriter, value: number): void {
  if (value <= 0x7f) writer.uint8(value);
  else if (value <= 0x7fff) writer.uint8(0xd1).uint16(value);
  else if (value <= 0x7fff_ffff) writer.uint8(0xd2).uint32(value);
  else
    writer
      .uint8(0xd3)
      .uint32(Math.floor(value / 0x1_0000_0000))
      .uint32(value % 0x1_0000_0000);
}
