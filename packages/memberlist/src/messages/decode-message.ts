import { type Decoded, decoded, failed } from '@steelyard/wire';
import { readStruct, type Schema, type Struct } from '../msgpack/reader.ts';
import type { GossipDecodeCode } from './decode-code.ts';
import { isAddress, memberRecordOf, refused } from './member-record.ts';
import type { PacketMessage, PingSource } from './message.ts';
import { MESSAGE_TYPE } from './message-type.ts';
import { octetsView } from './octets-view.ts';

interface SourceSchema extends Schema {
  readonly SourceAddr: 'octets';
  readonly SourcePort: 'uint16';
  readonly SourceNode: 'text';
}

interface PingSchema extends SourceSchema {
  readonly SeqNo: 'uint32';
  readonly Node: 'text';
}

/** The order of the fields is that of their declaration: a struct may come as an array. */
export const PING: PingSchema = {
  SeqNo: 'uint32',
  Node: 'text',
  SourceAddr: 'octets',
  SourcePort: 'uint16',
  SourceNode: 'text',
};

const INDIRECT_PING = {
  SeqNo: 'uint32',
  Target: 'octets',
  Port: 'uint16',
  Node: 'text',
  Nack: 'bool',
  SourceAddr: 'octets',
  SourcePort: 'uint16',
  SourceNode: 'text',
} as const;

export const ACK: { readonly SeqNo: 'uint32'; readonly Payload: 'octets' } = { SeqNo: 'uint32', Payload: 'octets' };

const NACK = { SeqNo: 'uint32' } as const;

const ACCUSATION = { Incarnation: 'uint32', Node: 'text', From: 'text' } as const;

const ALIVE = {
  Incarnation: 'uint32',
  Node: 'text',
  Addr: 'octets',
  Port: 'uint16',
  Meta: 'octets',
  Vsn: 'octets',
} as const;

/**
 * Reads one message of a packet: its type, then its body, as tolerantly as the library's own decoder. Octets after the
 * body are ignored.
 *
 * @param message - Payloads and targets are views of them: copy what is kept. What tells of a member is a copy.
 * @returns The message, or why there is none. Never throws. Layers (compound, compress and the like) are no messages.
 * @see hashicorp/memberlist `net.go`, `handleCommand`
 */
export function decodeMessage(message: Uint8Array): Decoded<PacketMessage, GossipDecodeCode> {
  const octets = octetsView(message);
  switch (octets[0]) {
    case MESSAGE_TYPE.ping:
      return body(octets, PING, pingOf);
    case MESSAGE_TYPE.indirectPing:
      return body(octets, INDIRECT_PING, (ping) => {
        if (!isAddress(ping.Target)) return refused('Target', ping.Target);
        const source = sourceOf(ping);
        if (!source.ok) return source;
        const { SeqNo, Target, Port, Node, Nack } = ping;
        return decoded({
          type: 'indirectPing',
          sequence: SeqNo,
          target: Target,
          port: Port,
          node: Node,
          nack: Nack,
          ...source.value,
        });
      });
    case MESSAGE_TYPE.ack:
      return body(octets, ACK, (ack) => decoded({ type: 'ack', sequence: ack.SeqNo, payload: ack.Payload }));
    case MESSAGE_TYPE.nack:
      return body(octets, NACK, (nack) => decoded({ type: 'nack', sequence: nack.SeqNo }));
    case MESSAGE_TYPE.suspect:
    case MESSAGE_TYPE.dead: {
      const type = octets[0] === MESSAGE_TYPE.dead ? 'dead' : 'suspect';
      return body(octets, ACCUSATION, ({ Incarnation, Node, From }) =>
        decoded({ type, incarnation: Incarnation, node: Node, from: From }),
      );
    }
    case MESSAGE_TYPE.alive:
      return body(octets, ALIVE, (alive) => {
        const record = memberRecordOf(alive.Node, alive);
        return record.ok ? decoded({ type: 'alive', ...record.value }) : record;
      });
    case MESSAGE_TYPE.user:
      return decoded({ type: 'user', payload: octets.subarray(1) });
    case undefined:
      return failed('ERR_MEMBERLIST_TRUNCATED', 0, 'a message begins with its type');
    default:
      return failed('ERR_MEMBERLIST_UNSUPPORTED_TYPE', 0, `no message of a packet has the type ${octets[0]}`);
  }
}

function body<S extends Schema>(
  octets: Uint8Array,
  schema: S,
  toMessage: (struct: Struct<S>) => Decoded<PacketMessage, GossipDecodeCode>,
): Decoded<PacketMessage, GossipDecodeCode> {
  const struct = readStruct(octets, 1, schema);
  return struct.ok ? toMessage(struct.value) : struct;
}

/** A ping over TCP has the same. */
export function pingOf(ping: Struct<PingSchema>): Decoded<PacketMessage & { readonly type: 'ping' }, GossipDecodeCode> {
  const source = sourceOf(ping);
  return source.ok ? decoded({ type: 'ping', sequence: ping.SeqNo, node: ping.Node, ...source.value }) : source;
}

/** What is zero was left out. */
function sourceOf({ SourceAddr, SourcePort, SourceNode }: Struct<SourceSchema>): Decoded<PingSource, GossipDecodeCode> {
  if (SourceAddr.length > 0 && !isAddress(SourceAddr)) return refused('SourceAddr', SourceAddr);
  return decoded({
    ...(SourceAddr.length === 0 ? {} : { sourceAddress: SourceAddr }),
    ...(SourcePort === 0 ? {} : { sourcePort: SourcePort }),
    ...(SourceNode === '' ? {} : { sourceNode: SourceNode }),
  });
}
