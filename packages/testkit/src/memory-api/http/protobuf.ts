/**
 * Reads `application/vnd.kubernetes.protobuf`, which kubectl prefers for the
 * objects it makes itself.
 * @see {@link https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding | API concepts, "Kubernetes Protobuf encoding"}
 * @see {@link https://protobuf.dev/programming-guides/encoding/ | Protobuf encoding}
 */

import type { JsonObject } from '../json-value.ts';
import { timestamp } from '../kube-object.ts';
import { badRequest, type StatusError } from '../status-error.ts';
import { type FieldType, messages } from './protobuf-schema.ts';

/** "k8s" and a zero octet, before the envelope `runtime.Unknown`. */
const MAGIC = Buffer.from([0x6b, 0x38, 0x73, 0x00]);

/** The object as JSON has it. What the schema does not know is refused, not dropped. */
export function decodeProtobuf(octets: Buffer): JsonObject {
  if (!octets.subarray(0, MAGIC.length).equals(MAGIC)) throw malformed('no protobuf of Kubernetes');
  const envelope = fieldsOf(octets.subarray(MAGIC.length));
  const typeMeta = fieldsOf(lengthDelimited(envelope.find(({ number }) => number === 1)));
  const raw = lengthDelimited(envelope.find(({ number }) => number === 2));
  const apiVersion = lengthDelimited(typeMeta.find(({ number }) => number === 1)).toString();
  const kind = lengthDelimited(typeMeta.find(({ number }) => number === 2)).toString();
  return { apiVersion, kind, ...decodeMessage(kind, raw) };
}

function malformed(why: string): StatusError {
  return badRequest(`couldn't get version/kind; proto: ${why}`);
}

interface WireField {
  readonly number: number;
  readonly value: bigint | Buffer;
}

const WIRE_VARINT = 0;
const WIRE_FIXED64 = 1;
const WIRE_LENGTH_DELIMITED = 2;
const WIRE_FIXED32 = 5;

function fieldsOf(octets: Buffer): WireField[] {
  const fields: WireField[] = [];
  let offset = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const octet = octets[offset++];
      if (octet === undefined) throw malformed('unexpected EOF');
      value |= BigInt(octet & 0x7f) << shift;
      if (octet < 0x80) return BigInt.asIntN(64, value);
    }
    throw malformed('integer overflow');
  };
  const take = (length: number): Buffer => {
    if (length < 0 || offset + length > octets.length) throw malformed('unexpected EOF');
    offset += length;
    return octets.subarray(offset - length, offset);
  };
  while (offset < octets.length) {
    const tag = Number(varint());
    const number = tag >>> 3;
    switch (tag & 7) {
      case WIRE_VARINT:
        fields.push({ number, value: varint() });
        break;
      case WIRE_LENGTH_DELIMITED:
        fields.push({ number, value: take(Number(varint())) });
        break;
      case WIRE_FIXED64:
        fields.push({ number, value: take(8) });
        break;
      case WIRE_FIXED32:
        fields.push({ number, value: take(4) });
        break;
      default:
        throw malformed(`wrong wireType = ${tag & 7}`);
    }
  }
  return fields;
}

function lengthDelimited(field: WireField | undefined): Buffer {
  return Buffer.isBuffer(field?.value) ? field.value : Buffer.alloc(0);
}

function integer(field: WireField | undefined): number {
  return typeof field?.value === 'bigint' ? Number(field.value) : 0;
}

function decodeMessage(name: string, octets: Buffer): JsonObject {
  const schema = messages[name];
  if (schema === undefined) throw malformed(`this server reads ${name} as JSON only`);
  const object: JsonObject = {};
  for (const field of fieldsOf(octets)) {
    const known = schema[field.number];
    if (known === undefined) {
      // Go writes structures even when they hold nothing.
      if (Buffer.isBuffer(field.value) ? field.value.length === 0 : field.value === 0n) continue;
      throw malformed(`this server reads field ${field.number} of ${name} as JSON only`);
    }
    const [key, type] = known;
    setField(object, key, type, field);
  }
  return object;
}

function setField(object: JsonObject, key: string, type: FieldType, field: WireField): void {
  if (typeof type === 'object') {
    if ('message' in type) object[key] = decodeMessage(type.message, lengthDelimited(field));
    else append(object, key, decodeMessage(type.list, lengthDelimited(field)));
    return;
  }
  switch (type) {
    case 'text':
    case 'text?': {
      const text = lengthDelimited(field).toString();
      if (text || type === 'text?') object[key] = text;
      return;
    }
    case 'int':
    case 'int?':
      if (integer(field) !== 0 || type === 'int?') object[key] = integer(field);
      return;
    case 'bool':
    case 'bool?':
      if (integer(field) !== 0 || type === 'bool?') object[key] = integer(field) !== 0;
      return;
    case 'textList':
      append(object, key, lengthDelimited(field).toString());
      return;
    case 'textMap':
    case 'bytesMap': {
      const entry = fieldsOf(lengthDelimited(field));
      const name = lengthDelimited(entry.find(({ number }) => number === 1)).toString();
      const value = lengthDelimited(entry.find(({ number }) => number === 2));
      const map = (object[key] ?? {}) as JsonObject;
      map[name] = value.toString(type === 'bytesMap' ? 'base64' : 'utf8');
      object[key] = map;
      return;
    }
    case 'time': {
      const seconds = integer(fieldsOf(lengthDelimited(field)).find(({ number }) => number === 1));
      if (seconds !== 0) object[key] = timestamp(seconds * 1000);
      return;
    }
    case 'intOrString':
      object[key] = intOrString(fieldsOf(lengthDelimited(field)));
      return;
  }
}

/** k8s.io/apimachinery/pkg/util/intstr: type 1 is a text. */
function intOrString(fields: readonly WireField[]): number | string {
  const byNumber = (wanted: number): WireField | undefined => fields.find(({ number }) => number === wanted);
  return integer(byNumber(1)) === 1 ? lengthDelimited(byNumber(3)).toString() : integer(byNumber(2));
}

function append(object: JsonObject, key: string, value: unknown): void {
  const list = Array.isArray(object[key]) ? object[key] : [];
  object[key] = [...list, value];
}
