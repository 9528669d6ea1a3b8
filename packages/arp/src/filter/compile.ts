import {
  BPF_ANCILLARY_INTERFACE_INDEX,
  BPF_ANCILLARY_PACKET_TYPE,
  type BpfInstruction,
  coveringRanges,
  createProgramWriter,
  exactRanges,
  type Landing,
  type ValueRange,
  writeWordSearch,
} from '@steelyard/announcement-schedule';
import { ARP_REQUEST, ETHERTYPE_ARP } from '../packet.ts';

/** The whole frame is let through: longer than any frame, as tcpdump has it. */
const ACCEPT = 0x4_0000;
const DROP = 0;

/**
 * Ranges that always fit: each takes two instructions per tree, there are two trees, and the rest is headers and far
 * jumps. A test holds the bound.
 */
export const MAX_FILTER_RANGES = 960;

/** `PACKET_BROADCAST` of `linux/if_packet.h`; 0 is `PACKET_HOST`, 2 and above are multicast, other hosts and our own. */
const PACKET_BROADCAST = 1;

/**
 * Compiles the classic BPF filter for an ARP socket: what it drops never wakes the process.
 *
 * Let through are requests whose target address, and packets of any operation whose sender address, is one of
 * `addresses`: the first are to be answered, the second are conflicts (RFC 5227). Frames sent to other hosts or to
 * multicast groups are dropped; the kernel knows the interface's MAC, so a changed one needs no new filter.
 *
 * A socket on an interface is also given what the kernel hands on to another one on top of it: frames of a VLAN, already
 * without their tag, and of a macvlan (`__netif_receive_skb_core` of `net/core/dev.c`, `orig_dev`). With `interfaceIndex`
 * they are dropped, for an answer would leave untagged, into another segment than the question came from.
 *
 * The filter is exact for up to 960 separate ranges of neighbouring addresses. Beyond that it covers them by the 960
 * ranges that hold the fewest other addresses. It is never narrower than `addresses`.
 *
 * @param addresses - IPv4 addresses as unsigned 32-bit numbers, in any order.
 * @param maxRanges - Fewer than 960 where the kernel has not the memory for so long a program (`net.core.optmem_max`).
 * @param interfaceIndex - Of the interface that the socket is bound to.
 * @returns At most 4,096 instructions, `BPF_MAXINSNS`.
 * @throws RangeError when `maxRanges` is not 1 to 960.
 */
export function compileArpFilter(
  addresses: Iterable<number>,
  maxRanges: number = MAX_FILTER_RANGES,
  interfaceIndex?: number,
): BpfInstruction[] {
  if (!(maxRanges >= 1 && maxRanges <= MAX_FILTER_RANGES)) {
    throw new RangeError(`a filter has 1 to ${MAX_FILTER_RANGES} ranges, got ${maxRanges}`);
  }
  const ranges = rangesOf(addresses, maxRanges);
  const program = createProgramWriter();
  if (ranges.length === 0) {
    program.ret(DROP);
    return program.finish();
  }
  const accept: Landing = { at: undefined, instruction: { ret: ACCEPT } };
  const drop: Landing = { at: undefined, instruction: { ret: DROP } };

  const search = (inside: Landing, outside: Landing): void => {
    writeWordSearch(
      program,
      ranges.map(({ first, last }) => ({ first, last, inside })),
      outside,
    );
  };
  // From the last stage to the first: is the target ours, …
  search(accept, drop);
  const targetStage = program.loadWord(38);
  // … in a request? Only asked when the sender is not ours.
  program.jumpIf('equal', ARP_REQUEST, targetStage, program.bringNear(drop));
  const requestStage = program.loadHalf(20);
  // Is the sender ours?
  search(accept, { at: undefined, instruction: { jumpTo: requestStage } });
  const senderStage = program.loadWord(28);
  // Lengths 6 and 4; Ethernet and IPv4; ARP; to us or to everyone; on this interface. A load beyond the frame's end drops the frame.
  program.jumpIf('equal', 0x0604, senderStage, program.bringNear(drop));
  const lengthStage = program.loadHalf(18);
  program.jumpIf('equal', 0x0001_0800, lengthStage, program.bringNear(drop));
  const typeStage = program.loadWord(14);
  program.jumpIf('equal', ETHERTYPE_ARP, typeStage, program.bringNear(drop));
  const etherTypeStage = program.loadHalf(12);
  program.jumpIf('greater', PACKET_BROADCAST, program.bringNear(drop), etherTypeStage);
  const packetTypeStage = program.loadWord(BPF_ANCILLARY_PACKET_TYPE);
  if (interfaceIndex !== undefined) {
    program.jumpIf('equal', interfaceIndex, packetTypeStage, program.bringNear(drop));
    program.loadWord(BPF_ANCILLARY_INTERFACE_INDEX);
  }
  return program.finish();
}

/** The fewest ranges that hold exactly these addresses, or those `limit` ones that hold the fewest others. */
function rangesOf(addresses: Iterable<number>, limit: number): ValueRange<number>[] {
  const exact = exactRanges(Uint32Array.from(addresses).sort(), (last, address) => address <= last + 1);
  return coveringRanges(exact, limit, (last, first) => first - last);
}
