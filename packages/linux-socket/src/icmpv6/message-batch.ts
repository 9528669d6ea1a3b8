import { ADDRESS_OCTETS } from '../native.ts';
import { MSG_TRUNC } from '../socket-abi.ts';
import {
  CONTROL_OCTETS,
  findControl,
  IPV6_HOPLIMIT,
  IPV6_OCTETS,
  IPV6_PKTINFO,
  SIN6_ADDR_OFFSET,
  SIN6_SCOPE_ID_OFFSET,
} from './abi.ts';

/** ICMPv6 messages received in one wake-up. The object and its views are valid until the callback returns: copy what is kept. */
export interface Icmpv6Batch {
  /** Number of messages, at least 1. */
  readonly count: number;
  /** Message `i` from its ICMPv6 type on, without the IPv6 header and its extensions: a view into the socket's buffer. The kernel has verified its checksum. */
  message(i: number): Uint8Array;
  /** True if message `i` was longer than `maxMessageOctets`, and its end is cut off. */
  truncated(i: number): boolean;
  /** Source address of message `i`, 16 octets: a view. */
  source(i: number): Uint8Array;
  /** `sin6_scope_id`: the interface index if the source of message `i` is link-local, else 0. */
  sourceScope(i: number): number;
  /** Destination address of message `i`, 16 octets: a view. It tells a message to a group from one to this host alone. */
  destination(i: number): Uint8Array;
  /** Index of the interface at which message `i` arrived. In a VRF it is the interface, not the VRF. */
  interfaceIndex(i: number): number;
  /** Hop limit that message `i` arrived with. 255: no router has touched it (RFC 4861, section 3.1). 0 if the kernel did not say. */
  hopLimit(i: number): number;
}

/** The buffers of a socket, allocated once, and the batch that looks into them. */
export interface MessageBuffer {
  readonly octets: Uint8Array;
  readonly results: Int32Array;
  readonly addresses: Uint8Array;
  readonly control: Uint8Array;
  /** The batch of the first `count` messages. Always the same object. */
  batch(count: number): Icmpv6Batch;
}

/** `::` where the kernel says nothing. */
const UNSPECIFIED = new Uint8Array(IPV6_OCTETS);

/** Makes room for `messages` messages of at most `messageOctets` octets each. */
export function createMessageBuffer(messages: number, messageOctets: number): MessageBuffer {
  const octets = new Uint8Array(messages * messageOctets);
  const results = new Int32Array(messages * 2);
  const addresses = new Uint8Array(messages * ADDRESS_OCTETS);
  const control = new Uint8Array(messages * CONTROL_OCTETS);
  const addressView = new DataView(addresses.buffer);
  const controlView = new DataView(control.buffer);
  // Messages of one protocol have few lengths, and control messages one order: the view of the last one in a place mostly fits the next.
  const payloads = createViews(octets, messages);
  const sources = createViews(addresses, messages);
  const destinations = createViews(control, messages);
  let count = 0;

  function check(i: number): void {
    if (!(Number.isInteger(i) && i >= 0 && i < count)) {
      throw new RangeError(`no message ${i} in a batch of ${count}`);
    }
  }

  function packetInfo(i: number): number {
    check(i);
    const start = i * CONTROL_OCTETS;
    return findControl(controlView, start, start + CONTROL_OCTETS, IPV6_PKTINFO, IPV6_OCTETS + 4);
  }

  const batch: Icmpv6Batch = {
    get count() {
      return count;
    },
    message(i) {
      check(i);
      return payloads(i, i * messageOctets, Math.min(results[i * 2] ?? 0, messageOctets));
    },
    truncated(i) {
      check(i);
      return ((results[i * 2 + 1] ?? 0) & MSG_TRUNC) !== 0;
    },
    source(i) {
      check(i);
      return sources(i, i * ADDRESS_OCTETS + SIN6_ADDR_OFFSET, IPV6_OCTETS);
    },
    sourceScope(i) {
      check(i);
      return addressView.getUint32(i * ADDRESS_OCTETS + SIN6_SCOPE_ID_OFFSET, true);
    },
    destination(i) {
      const at = packetInfo(i);
      return at < 0 ? UNSPECIFIED.slice() : destinations(i, at, IPV6_OCTETS);
    },
    interfaceIndex(i) {
      const at = packetInfo(i);
      return at < 0 ? 0 : controlView.getInt32(at + IPV6_OCTETS, true);
    },
    hopLimit(i) {
      check(i);
      const start = i * CONTROL_OCTETS;
      const at = findControl(controlView, start, start + CONTROL_OCTETS, IPV6_HOPLIMIT, 4);
      return at < 0 ? 0 : controlView.getInt32(at, true);
    },
  };

  return {
    octets,
    results,
    addresses,
    control,
    batch(messageCount) {
      count = messageCount;
      return batch;
    },
  };
}

/** Views into `octets`, one remembered for each place. */
function createViews(octets: Uint8Array, places: number): (place: number, at: number, length: number) => Uint8Array {
  const views: (Uint8Array | undefined)[] = new Array(places).fill(undefined);
  return (place, at, length) => {
    let view = views[place];
    if (view?.byteOffset !== at || view.length !== length) {
      view = octets.subarray(at, at + length);
      views[place] = view;
    }
    return view;
  };
}
