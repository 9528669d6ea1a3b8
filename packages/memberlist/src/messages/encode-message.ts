import { startMessage } from '../msgpack/message-writer.ts';
import { type Field, writeStruct } from '../msgpack/writer.ts';
import type { PacketMessage, PingSource } from './message.ts';
import { MESSAGE_TYPE } from './message-type.ts';

/**
 * Writes one message of a packet: its type, then its body. Fields without octets are Go's nil, as a member without a
 * delegate sends them.
 *
 * @throws RangeError for a number that its field cannot hold.
 * @see hashicorp/memberlist `net.go`
 */
export function encodeMessage(message: PacketMessage): Uint8Array {
  const writer = startMessage(MESSAGE_TYPE[message.type]);
  if (message.type === 'user') return writer.octets(message.payload).finish();
  writeStruct(writer, fieldsOf(message));
  return writer.finish();
}

function fieldsOf(message: Exclude<PacketMessage, { type: 'user' }>): readonly Field[] {
  switch (message.type) {
    case 'ping':
      return pingFields(message);
    case 'indirectPing':
      return [
        ['Nack', 'bool', message.nack],
        ['Node', 'text', message.node],
        ['Port', 'uint', uint(message.port, 16)],
        ['SeqNo', 'uint', uint(message.sequence, 32)],
        ...sourceFields(message),
        ['Target', 'octets', message.target],
      ];
    case 'ack':
      return ackFields(message);
    case 'nack':
      return [['SeqNo', 'uint', uint(message.sequence, 32)]];
    case 'suspect':
    case 'dead':
      return [
        ['From', 'text', message.from],
        ['Incarnation', 'uint', uint(message.incarnation, 32)],
        ['Node', 'text', message.node],
      ];
    case 'alive':
      return [
        ['Addr', 'octets', message.address],
        ['Incarnation', 'uint', uint(message.incarnation, 32)],
        ['Meta', 'octets', message.meta],
        ['Node', 'text', message.node],
        ['Port', 'uint', uint(message.port, 16)],
        ['Vsn', 'octets', message.versions],
      ];
  }
}

/** A ping over TCP has the same. */
export function pingFields(ping: { readonly sequence: number; readonly node: string } & PingSource): readonly Field[] {
  return [['Node', 'text', ping.node], ['SeqNo', 'uint', uint(ping.sequence, 32)], ...sourceFields(ping)];
}

/** An ack over TCP has the same. */
export function ackFields(ack: { readonly sequence: number; readonly payload: Uint8Array }): readonly Field[] {
  return [
    ['Payload', 'octets', ack.payload],
    ['SeqNo', 'uint', uint(ack.sequence, 32)],
  ];
}

/** Go's `omitempty`: each is left out where it is zero. */
function sourceFields({ sourceAddress, sourcePort, sourceNode }: PingSource): readonly Field[] {
  return [
    ['SourceAddr', 'octets', sourceAddress?.length === 0 ? undefined : sourceAddress],
    ['SourceNode', 'text', sourceNode === '' ? undefined : sourceNode],
    ['SourcePort', 'uint', sourcePort === undefined || sourcePort === 0 ? undefined : uint(sourcePort, 16)],
  ];
}

/** The number, if so many bits hold it. */
export function uint(value: number, bits: 16 | 32): number {
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** bits) {
    throw new RangeError(`not an unsigned integer of ${bits} bits: ${value}`);
  }
  return value;
}
