import { createMessageFramer, type MessageFramer, type OpenMessage, type SessionContext } from '@steelyard/bgp';
import type { Segment } from './pcap.ts';
import { ASSUMED_SESSION, readOpen, sessionOf } from './session.ts';
import { createTcpStream, type TcpStream } from './tcp-stream.ts';

/** One message, with what its session has agreed on. */
export interface FoundMessage {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly octets: Uint8Array;
  readonly context: SessionContext;
}

/** What was found, and what is amiss with it as a whole. */
export interface Found {
  readonly messages: readonly FoundMessage[];
  readonly remarks: readonly string[];
}

/** Takes the messages of one direction out of what TCP delivered. */
interface Reader {
  readonly stream: TcpStream;
  readonly framer: MessageFramer;
  ended: boolean;
}

/** The messages in octets that follow each other. */
export function messagesIn(octets: Uint8Array, context: SessionContext = ASSUMED_SESSION): Found {
  const framer = createMessageFramer(context);
  const messages: FoundMessage[] = [];
  const remarks: string[] = [];
  let at = 0;
  for (const message of framer.push(octets)) {
    if (!message.ok) {
      // The octets are shown as far as they go, with what is wrong with them.
      messages.push({ octets: octets.subarray(at), context });
      return { messages, remarks };
    }
    messages.push({ octets: message.value, context });
    at += message.value.length;
  }
  if (at < octets.length) messages.push({ octets: octets.subarray(at), context });
  if (octets.length === 0) remarks.push('there are no octets');
  return { messages, remarks };
}

/** The messages of all connections that have an end at this port. */
export function messagesOf(segments: readonly Segment[], port: number): Found {
  const readers = new Map<string, Reader>();
  const opensOf = new Map<string, Map<string, OpenMessage>>();
  const messages: FoundMessage[] = [];
  const remarks: string[] = [];
  for (const { from, to, fromPort, toPort, sequence, isSyn, payload } of segments) {
    if (fromPort !== port && toPort !== port) continue;
    const direction = `${from} → ${to}`;
    const connection = [from, to].sort(compareTexts).join(' ');
    let reader = readers.get(direction);
    if (reader === undefined || isSyn) {
      reader = { stream: createTcpStream(), framer: createMessageFramer(ASSUMED_SESSION), ended: false };
      readers.set(direction, reader);
      if (isSyn) opensOf.delete(connection);
    }
    const opens = opensOf.get(connection) ?? new Map<string, OpenMessage>();
    opensOf.set(connection, opens);
    for (const octets of reader.stream.take(sequence, isSyn, payload)) {
      if (reader.ended) break;
      for (const message of reader.framer.push(octets)) {
        if (!message.ok) {
          reader.ended = true;
          remarks.push(`${direction}: ${message.failure.message}; nothing more of this direction is read`);
          break;
        }
        const open = readOpen(message.value);
        if (open !== undefined) opens.set(from, open);
        messages.push({ from, to, octets: message.value, context: sessionOf(opens, from) });
      }
    }
  }
  for (const [direction, { stream }] of readers) {
    if (stream.hasGap) remarks.push(`${direction}: the capture lacks segments, and what follows them is not read`);
  }
  if (messages.length === 0) remarks.push(`no BGP message on port ${port}`);
  return { messages, remarks };
}

const compareTexts = (a: string, b: string): number => (a < b ? -1 : 1);
