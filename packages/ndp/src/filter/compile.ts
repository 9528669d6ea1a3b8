import {
  BPF_ANCILLARY_INTERFACE_INDEX,
  BPF_ANCILLARY_PACKET_TYPE,
  BPF_MAX_INSTRUCTIONS,
  type BpfInstruction,
  coveringRanges,
  createProgramWriter,
  exactRanges,
  type Landing,
  type ValueRange,
} from '@steelyard/announcement-schedule';
import { ETHERTYPE_IPV6, FRAME_OFFSET, MESSAGE_OFFSET, NDP_HOP_LIMIT, NEXT_HEADER_ICMPV6 } from '../frame/layout.ts';
import { NEIGHBOR_ADVERTISEMENT, NEIGHBOR_SOLICITATION } from '../message/message.ts';
import { writeAddressSearch } from './address-search.ts';

/** The whole frame is let through: longer than any frame, as tcpdump has it. */
const ACCEPT = 0x4_0000;
const DROP = 0;
/** `PACKET_MULTICAST` of `linux/if_packet.h`; 0 and 1 are us and broadcast, 3 and above other hosts and our own. */
const PACKET_MULTICAST = 2;

/** The most separate ranges of addresses that a filter tells apart; fewer where their addresses have little in common. */
export const MAX_FILTER_RANGES = 960;

const TARGET = FRAME_OFFSET.message + MESSAGE_OFFSET.target;

/** An IPv6 address as a number of 128 bits. */
function addressToNumber(address: Uint8Array): bigint {
  const view = new DataView(address.buffer, address.byteOffset, 16);
  return (view.getBigUint64(0) << 64n) | view.getBigUint64(8);
}

/**
 * Compiles the classic BPF filter for a packet socket with EtherType IPv6: what it drops, nearly all of the interface's
 * traffic, never wakes the process.
 *
 * Let through are Neighbor Solicitations and Advertisements with hop limit 255, code 0 and a target among `addresses`:
 * the first are to be answered, the second are conflicts. They follow the IPv6 header at once: classic BPF cannot walk a
 * chain of extension headers, and nobody may send one here (see `decodeNdpFrame`). Frames sent to other hosts are
 * dropped; the kernel knows the interface's MAC, so a changed one needs no new filter.
 *
 * A socket on an interface is also given what the kernel hands on to another one on top of it: frames of a VLAN, already
 * without their tag, and of a macvlan (`__netif_receive_skb_core` of `net/core/dev.c`, `orig_dev`). With `interfaceIndex`
 * they are dropped, for an answer would leave untagged, into another segment than the question came from.
 *
 * The filter is exact for up to `maxRanges` separate ranges of neighbouring addresses, as far as the kernel takes so
 * long a program. Beyond that it covers them by fewer ranges, those that hold the fewest other addresses. It is never
 * narrower than `addresses`.
 *
 * @param addresses - IPv6 addresses, sixteen octets each, in any order. Not kept.
 * @param maxRanges - Fewer than 960 where the kernel has not the memory for so long a program (`net.core.optmem_max`).
 * @param interfaceIndex - Of the interface that the socket is bound to.
 * @returns At most 4,096 instructions, `BPF_MAXINSNS`.
 * @throws RangeError when `maxRanges` is not 1 to 960.
 */
export function compileNdpFilter(
  addresses: Iterable<Uint8Array>,
  maxRanges: number = MAX_FILTER_RANGES,
  interfaceIndex?: number,
): BpfInstruction[] {
  if (!(maxRanges >= 1 && maxRanges <= MAX_FILTER_RANGES)) {
    throw new RangeError(`a filter has 1 to ${MAX_FILTER_RANGES} ranges, got ${maxRanges}`);
  }
  const sorted = Array.from(addresses, addressToNumber).sort((a, b) => (a < b ? -1 : Number(a > b)));
  const exact = exactRanges(sorted, (last, address) => address <= last + 1n);
  for (let limit = Math.max(1, Math.min(maxRanges, exact.length)); ; ) {
    const ranges = coveringRanges(exact, limit, (last, first) => Number(first - last));
    const program = compileRanges(ranges, interfaceIndex);
    if (program.length <= BPF_MAX_INSTRUCTIONS) return program;
    // As many as would fit if all were as long as these on average, and always fewer than now.
    limit = Math.max(1, Math.floor((limit * 0.95 * BPF_MAX_INSTRUCTIONS) / program.length));
  }
}

function compileRanges(ranges: readonly ValueRange<bigint>[], interfaceIndex: number | undefined): BpfInstruction[] {
  const program = createProgramWriter();
  if (ranges.length === 0) {
    program.ret(DROP);
    return program.finish();
  }
  const accept: Landing = { at: undefined, instruction: { ret: ACCEPT } };
  const drop: Landing = { at: undefined, instruction: { ret: DROP } };

  // From the last stage to the first: is the target ours, …
  const targetStage = writeAddressSearch(program, ranges, TARGET, accept, drop);
  // … in a solicitation or an advertisement, each with code 0; ICMPv6 with hop limit 255; IPv6; to us or to a group; on
  // this interface. A load beyond the frame's end drops the frame.
  const advertisementStage = program.jumpIf('equal', NEIGHBOR_ADVERTISEMENT << 8, targetStage, program.bringNear(drop));
  program.jumpIf('equal', NEIGHBOR_SOLICITATION << 8, targetStage, advertisementStage);
  const typeStage = program.loadHalf(FRAME_OFFSET.message);
  const ndpHeader = (NEXT_HEADER_ICMPV6 << 8) | NDP_HOP_LIMIT;
  program.jumpIf('equal', ndpHeader, typeStage, program.bringNear(drop));
  const nextHeaderStage = program.loadHalf(FRAME_OFFSET.nextHeader);
  program.jumpIf('equal', ETHERTYPE_IPV6, nextHeaderStage, program.bringNear(drop));
  const etherTypeStage = program.loadHalf(FRAME_OFFSET.etherType);
  program.jumpIf('greater', PACKET_MULTICAST, program.bringNear(drop), etherTypeStage);
  const packetTypeStage = program.loadWord(BPF_ANCILLARY_PACKET_TYPE);
  if (interfaceIndex !== undefined) {
    program.jumpIf('equal', interfaceIndex, packetTypeStage, program.bringNear(drop));
    program.loadWord(BPF_ANCILLARY_INTERFACE_INDEX);
  }
  return program.finish();
}
