import { createOctetWriter, type OctetWriter } from '@steelyard/wire';
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
 * @param fields - At most 15, sorted by name, bytewise.
 * @see hashicorp/go-msgpack `codec/msgpack.go`, `msgpackEncDriver`
 */
export function writeStruct(writer: OctetWriter, fields: readonly Field[]): void {
  const present = fields.filter(([, , value]) => value !== undefined);
  writer.uint8(0x80 | present.length);
  for (const [name, kind, value] of present) {
    writeRaw(writer, encodeText(name));
    if (value instanceof Uint8Array) writeOctets(writer, value);
    else if (typeof value === 'string') writeRaw(writer, encodeText(value));
    else if (typeof value === 'boolean') writer.uint8(value ? 0xc3 : 0xc2);
    else if (value !== undefined) (kind === 'int' ? writeInt : writeUint)(writer, value);
  }
}

/** No octets are Go's nil, as they are in every message of a member without a delegate. */
function writeOctets(writer: OctetWriter, value: Uint8Array): void {
  if (value.length === 0) writer.uint8(0xc0);
  else writeRaw(writer, value);
}

/** fixstr, str16, str32: never str8 or bin, which the old "raw" type did not have. */
function writeRaw(writer: OctetWriter, value: Uint8Array): void {
  if (value.length < 32) writer.uint8(0xa0 | value.length);
  else if (value.length < 0x1_0000) writer.uint8(0xda).uint16(value.length);
  else writer.uint8(0xdb).uint32(value.length);
  writer.octets(value);
}

/** The shortest of fixint, uint8, uint16, uint32. */
function writeUint(writer: OctetWriter, value: number): void {
  if (value <= 0x7f) writer.uint8(value);
  else if (value <= 0xff) writer.uint8(0xcc).uint8(value);
  else if (value <= 0xffff) writer.uint8(0xcd).uint16(value);
  else writer.uint8(0xce).uint32(value);
}

/** Go's `int`, never negative here: the shortest of fixint, int16, int32; there is no int8 above 127. */
function writeInt(writer: OctetWriter, value: number): void {
  if (value <= 0x7f) writer.uint8(value);
  else if (value <= 0x7fff) writer.uint8(0xd1).uint16(value);
  else if (value <= 0x7fff_ffff) writer.uint8(0xd2).uint32(value);
  else writer.uint8(0xd3).uint64(BigInt(value));
}

/** Starts a message of the type. */
export function startMessage(type: number, capacity?: number): OctetWriter {
  return createOctetWriter(capacity).uint8(type);
}
