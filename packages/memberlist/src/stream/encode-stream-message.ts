import { ackFields, pingFields, uint } from '../messages/encode-message.ts';
import type { MemberState, MemberStatus, StreamMessage } from '../messages/message.ts';
import { MESSAGE_TYPE } from '../messages/message-type.ts';
import { type MessageWriter, startMessage } from '../msgpack/message-writer.ts';
import { writeStruct } from '../msgpack/writer.ts';
import { addCompression } from '../packet/compression.ts';
import { withHeader } from '../packet/encode-packet.ts';
import { labelHeader, labelOctets } from '../packet/label.ts';
import { seal, sealedLength, seals } from '../packet/seal.ts';
import type { StreamCodec } from './codec.ts';
import { sealedFrameHeader } from './frame.ts';

/** Go's `NodeStateType`. */
const STATUS_NUMBER: Readonly<Record<MemberStatus, number>> = { alive: 0, suspect: 1, dead: 2, left: 3 };

/**
 * Writes the one message that a connection carries each way: compressed, even where that is longer, and sealed in a
 * frame; the dialer's has the label in front.
 *
 * @throws RangeError for a number that its field cannot hold; TypeError for keys without a cipher.
 * @see hashicorp/memberlist `net.go`, `rawSendMsgStream`
 */
export function encodeStreamMessage(message: StreamMessage, codec: StreamCodec): Uint8Array {
  const plain = encodePlain(message);
  const compressed = codec.compress ? addCompression(plain) : plain;
  const sealed = seals(codec) ? sealFrame(compressed, codec) : compressed;
  return codec.role === 'dialer' ? withHeader(labelHeader(codec.label), sealed) : sealed;
}

/** `0a | length | sealed`: the five octets before are authenticated, and the label. */
function sealFrame(plaintext: Uint8Array, codec: StreamCodec): Uint8Array {
  const header = sealedFrameHeader(sealedLength(plaintext.length, codec));
  const associatedData = withHeader(header, labelOctets(codec.label));
  return withHeader(header, seal(plaintext, associatedData, codec));
}

function encodePlain(message: StreamMessage): Uint8Array {
  const writer = startMessage(MESSAGE_TYPE[message.type]);
  switch (message.type) {
    case 'ping':
      writeStruct(writer, pingFields(message));
      break;
    case 'ack':
      writeStruct(writer, ackFields(message));
      break;
    case 'error':
      writeStruct(writer, [['Error', 'text', message.error]]);
      break;
    case 'user':
      writeStruct(writer, [['UserMsgLen', 'int', message.payload.length]]);
      writer.octets(message.payload);
      break;
    case 'pushPull':
      writePushPull(writer, message);
      break;
  }
  return writer.finish();
}

function writePushPull(writer: MessageWriter, message: StreamMessage & { readonly type: 'pushPull' }): void {
  writeStruct(writer, [
    ['Join', 'bool', message.join],
    ['Nodes', 'int', message.states.length],
    ['UserStateLen', 'int', message.userState.length],
  ]);
  for (const state of message.states) writeState(writer, state);
  writer.octets(message.userState);
}

function writeState(writer: MessageWriter, state: MemberState): void {
  writeStruct(writer, [
    ['Addr', 'octets', state.address],
    ['Incarnation', 'uint', uint(state.incarnation, 32)],
    ['Meta', 'octets', state.meta],
    ['Name', 'text', state.node],
    ['Port', 'uint', uint(state.port, 16)],
    ['State', 'int', STATUS_NUMBER[state.status]],
    ['Vsn', 'octets', state.versions],
  ]);
}
