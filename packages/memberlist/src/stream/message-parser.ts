import { type Decoded, decoded, failed } from '@steelyard/wire';
import type { GossipDecodeCode } from '../messages/decode-code.ts';
import { ACK, PING, pingOf } from '../messages/decode-message.ts';
import { memberRecordOf } from '../messages/member-record.ts';
import type { MemberState, MemberStatus, StreamMessage } from '../messages/message.ts';
import { MESSAGE_TYPE } from '../messages/message-type.ts';
import { type BoundedValue, createBoundedValue } from '../msgpack/bounded-value.ts';
import { readStruct, type Schema, type Struct } from '../msgpack/reader.ts';

import type { StreamLimits } from './limits.ts';

type Outcome<T> = Decoded<T, GossipDecodeCode> | 'need more';

/** Reads a message whose octets come in pieces, each of them once. What it returns is copied. */
export interface MessageParser {
  /**
   * @param octets - All that has come, at the same places each time.
   * @param length - How many of them are valid.
   */
  parse(octets: Uint8Array, length: number): Outcome<StreamMessage>;
}

const PUSH_PULL = { Nodes: 'int', UserStateLen: 'int', Join: 'bool' } as const;

const USER = { UserMsgLen: 'int' } as const;

const ERROR = { Error: 'text' } as const;

const STATE = {
  Name: 'text',
  Addr: 'octets',
  Port: 'uint16',
  Meta: 'octets',
  Incarnation: 'uint32',
  State: 'int',
  Vsn: 'octets',
} as const;

/** By Go's `NodeStateType`. */
const STATUSES: readonly MemberStatus[] = ['alive', 'suspect', 'dead', 'left'];

/** @param start - Where the message begins: at its type. */
export function createMessageParser(start: number, limits: StreamLimits): MessageParser {
  const reader = createStructReader(start + 1, start + limits.messageOctets);
  let header: Struct<typeof PUSH_PULL> | undefined;
  let userOctets: number | undefined;
  let statesRead = 0;
  const states: MemberState[] = [];

  const readPushPull = (octets: Uint8Array, length: number): Outcome<StreamMessage> => {
    if (header === undefined) {
      const read = reader.read(octets, length, PUSH_PULL);
      if (read === 'need more' || !read.ok) return read;
      const fault =
        outside('Nodes', read.value.Nodes, limits.states) ??
        outside('UserStateLen', read.value.UserStateLen, limits.userOctets);
      if (fault !== undefined) return fault;
      header = read.value;
    }
    while (statesRead < header.Nodes) {
      const read = reader.read(octets, length, STATE);
      if (read === 'need more' || !read.ok) return read;
      statesRead += 1;
      const state = memberStateOf(read.value);
      if (state !== undefined) states.push(state);
    }
    const userState = reader.readRaw(octets, length, header.UserStateLen);
    if (userState === 'need more') return userState;
    return decoded({ type: 'pushPull', join: header.Join, states, userState });
  };

  const readUser = (octets: Uint8Array, length: number): Outcome<StreamMessage> => {
    if (userOctets === undefined) {
      const read = reader.read(octets, length, USER);
      if (read === 'need more' || !read.ok) return read;
      const fault = outside('UserMsgLen', read.value.UserMsgLen, limits.userOctets);
      if (fault !== undefined) return fault;
      userOctets = read.value.UserMsgLen;
    }
    const payload = reader.readRaw(octets, length, userOctets);
    return payload === 'need more' ? payload : decoded({ type: 'user', payload });
  };

  return {
    parse(octets, length) {
      if (length <= start) return 'need more';
      switch (octets[start]) {
        case MESSAGE_TYPE.ping:
          return then(reader.read(octets, length, PING), (ping) =>
            pingOf({ ...ping, SourceAddr: new Uint8Array(ping.SourceAddr) }),
          );
        case MESSAGE_TYPE.ack:
          return then(reader.read(octets, length, ACK), (ack) =>
            decoded({ type: 'ack', sequence: ack.SeqNo, payload: new Uint8Array(ack.Payload) }),
          );
        case MESSAGE_TYPE.error:
          return then(reader.read(octets, length, ERROR), ({ Error: error }) => decoded({ type: 'error', error }));
        case MESSAGE_TYPE.pushPull:
          return readPushPull(octets, length);
        case MESSAGE_TYPE.user:
          return readUser(octets, length);
        default:
          return failed(
            'ERR_MEMBERLIST_UNSUPPORTED_TYPE',
            start,
            `no message of a stream has the type ${octets[start]}`,
          );
      }
    },
  };
}

function then<T>(
  read: Outcome<T>,
  next: (value: T) => Decoded<StreamMessage, GossipDecodeCode>,
): Outcome<StreamMessage> {
  return read === 'need more' || !read.ok ? read : next(read.value);
}

/**
 * An entry that we could not keep is left out, as Go's library leaves out one with a state that it does not know: one
 * member that nobody could reach must not cut off all others.
 */
function memberStateOf(struct: Struct<typeof STATE>): MemberState | undefined {
  const status = STATUSES[struct.State];
  const record = memberRecordOf(struct.Name, struct);
  return status === undefined || !record.ok ? undefined : { ...record.value, status };
}

/** Why an announced number is refused before anything is kept for it. */
function outside(name: string, value: number, greatest: number): Decoded<never, GossipDecodeCode> | undefined {
  if (value < 0) return failed('ERR_MEMBERLIST_OUT_OF_RANGE', 0, `${name} is negative: ${value}`);
  if (value <= greatest) return undefined;
  return failed('ERR_MEMBERLIST_LIMIT_EXCEEDED', 0, `${name} is ${value}, more than ${greatest}`);
}

/** Reads one value after the other. */
interface StructReader {
  read<S extends Schema>(octets: Uint8Array, length: number, schema: S): Outcome<Struct<S>>;
  /** A copy of the octets that follow the last value. */
  readRaw(octets: Uint8Array, length: number, count: number): Uint8Array | 'need more';
}

/** @param limit - Where the last value must end at the latest. */
function createStructReader(start: number, limit: number): StructReader {
  let offset = start;
  let value: BoundedValue | undefined;
  return {
    read(octets, length, schema) {
      value ??= createBoundedValue(offset, limit);
      const end = value.find(octets, length);
      if (end === 'need more' || !end.ok) return end;
      const struct = readStruct(octets.subarray(0, end.value), offset, schema);
      offset = end.value;
      value = undefined;
      return struct;
    },
    readRaw(octets, length, count) {
      if (length < offset + count) return 'need more';
      return octets.slice(offset, offset + count);
    },
  };
}
