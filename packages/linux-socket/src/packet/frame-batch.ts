import { ADDRESS_OCTETS } from '../native.ts';
import { MSG_TRUNC } from '../socket-abi.ts';
import { SLL_PKTTYPE_OFFSET } from './abi.ts';

/**
 * To whom a frame was addressed, as the kernel saw it: `sll_pkttype` of packet(7).
 *
 * `otherhost` is a frame for another MAC address (on an interface in promiscuous mode), or one that carries a VLAN tag for which
 * this host has no VLAN interface; the kernel has removed that tag from the frame.
 */
export type PacketType = 'host' | 'broadcast' | 'multicast' | 'otherhost' | 'outgoing';

/** Indexed by `PACKET_HOST` … `PACKET_OUTGOING` of linux/if_packet.h. */
const packetTypes: readonly PacketType[] = ['host', 'broadcast', 'multicast', 'otherhost', 'outgoing'];

/** Frames received in one wake-up. The object and its views are valid until the callback returns: copy what is kept. */
export interface FrameBatch {
  /** Number of frames, at least 1. */
  readonly count: number;
  /** Frame `i` from its Ethernet header on: a view into the socket's buffer. */
  frame(i: number): Uint8Array;
  /** True if frame `i` was longer than `maxFrameOctets`, and its end is cut off. */
  truncated(i: number): boolean;
  /** To whom frame `i` was addressed. */
  packetType(i: number): PacketType;
}

/** The buffer of a socket, allocated once, and the batch that looks into it. */
export interface FrameBuffer {
  readonly octets: Uint8Array;
  readonly results: Int32Array;
  readonly addresses: Uint8Array;
  /** The batch of the first `count` frames. Always the same object. */
  batch(count: number): FrameBatch;
}

/** Makes room for `frames` frames of at most `frameOctets` octets each. */
export function createFrameBuffer(frames: number, frameOctets: number): FrameBuffer {
  const octets = new Uint8Array(frames * frameOctets);
  const results = new Int32Array(frames * 2);
  const addresses = new Uint8Array(frames * ADDRESS_OCTETS);
  // Frames of one protocol have few lengths: the view of the last one in a place mostly fits the next.
  const views: (Uint8Array | undefined)[] = new Array(frames).fill(undefined);
  let count = 0;

  function check(i: number): void {
    if (!(Number.isInteger(i) && i >= 0 && i < count)) {
      throw new RangeError(`no frame ${i} in a batch of ${count}`);
    }
  }

  const batch: FrameBatch = {
    get count() {
      return count;
    },
    frame(i) {
      check(i);
      const length = Math.min(results[i * 2] ?? 0, frameOctets);
      let view = views[i];
      if (view?.length !== length) {
        view = octets.subarray(i * frameOctets, i * frameOctets + length);
        views[i] = view;
      }
      return view;
    },
    truncated(i) {
      check(i);
      return ((results[i * 2 + 1] ?? 0) & MSG_TRUNC) !== 0;
    },
    packetType(i) {
      check(i);
      return packetTypes[addresses[i * ADDRESS_OCTETS + SLL_PKTTYPE_OFFSET] ?? 0] ?? 'otherhost';
    },
  };

  return {
    octets,
    results,
    addresses,
    batch(frameCount) {
      count = frameCount;
      return batch;
    },
  };
}
