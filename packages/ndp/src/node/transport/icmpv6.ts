import type { SendOutcome } from '@steelyard/announcement-schedule/node';
import { type Icmpv6Socket, openIcmpv6Socket } from '@steelyard/linux-socket/icmpv6';
import { FRAME_OFFSET } from '../../frame/layout.ts';
import { createFrameMaker } from './made-up-frame.ts';
import { MAX_MESSAGE_OCTETS, MESSAGE_TYPES } from './raw-message.ts';
import {
  asError,
  codeOf,
  type NdpSocketStatistics,
  type NdpTransport,
  type NdpTransportListener,
} from './transport.ts';

/** What the watcher of links tells in its own time. */
const UNTOLD: readonly unknown[] = ['ENETDOWN', 'ENETUNREACH', 'ENODEV', 'ENXIO', 'EADDRNOTAVAIL'];

/**
 * Opens a raw ICMPv6 socket: solicitations to the groups that the responder has joined, without their frame's source.
 * It has no filter for addresses.
 */
export function openIcmpv6Transport(
  interfaceIndex: number,
  _addresses: () => Iterable<Uint8Array>,
  listener: NdpTransportListener,
): NdpTransport {
  const maker = createFrameMaker(() => listener.mac());
  const socket = openIcmpv6Socket({
    interfaceIndex,
    types: MESSAGE_TYPES,
    maxMessageOctets: MAX_MESSAGE_OCTETS,
    maxMessagesPerWakeup: 32,
    onMessages(batch) {
      for (let i = 0; i < batch.count; i++) {
        if (batch.truncated(i)) continue; // its end, which may hold an option, is unknown
        listener.onFrame(maker.frameOf(batch.message(i), batch.source(i), batch.destination(i), batch.hopLimit(i)));
      }
    },
    onWritable: () => listener.onWritable(),
    onError(error) {
      if (codeOf(error) === 'ENODEV') listener.onGone();
      else if (codeOf(error) !== 'ENETDOWN') listener.onError(error);
    },
  });
  return new Icmpv6Transport(socket, listener);
}

class Icmpv6Transport implements NdpTransport {
  readonly interfaceIndex: number;
  readonly #socket: Icmpv6Socket;
  readonly #listener: NdpTransportListener;

  constructor(socket: Icmpv6Socket, listener: NdpTransportListener) {
    this.interfaceIndex = socket.interfaceIndex;
    this.#socket = socket;
    this.#listener = listener;
  }

  attachFilter(): void {
    // What arrives is what the responder has joined the groups of: little else.
  }

  /** The kernel writes the headers: it finds the destination's MAC by itself, and chooses one of its own addresses as source. */
  send(frame: Uint8Array): SendOutcome {
    const destination = frame.subarray(FRAME_OFFSET.destination, FRAME_OFFSET.destination + 16);
    try {
      return this.#socket.send(destination, frame.subarray(FRAME_OFFSET.message)) ? 'Sent' : 'Refused';
    } catch (error) {
      if (!UNTOLD.includes(codeOf(error))) this.#listener.onError(asError(error));
      return 'Failed';
    }
  }

  statistics(): NdpSocketStatistics {
    const { wakeups, messagesReceived, messagesDropped, messagesSent, sendRefused } = this.#socket.statistics();
    return {
      wakeups,
      framesReceived: messagesReceived,
      framesDropped: messagesDropped,
      framesSent: messagesSent,
      sendRefused,
    };
  }

  close(): void {
    void this.#socket.close();
  }
}
