import { BPF_MAX_INSTRUCTIONS, type BpfInstruction } from './program.ts';

/** A frame as the kernel sees it. */
export interface FilteredFrame {
  readonly octets: Uint8Array;
  /** `skb->pkt_type`: `PACKET_HOST` … of `linux/if_packet.h`. */
  readonly packetType: number;
  /** Of `skb->dev`. */
  readonly interfaceIndex?: number;
}

/** `SKF_AD_OFF + SKF_AD_PKTTYPE` of `linux/filter.h`: to whom the kernel thinks the frame was sent. */
export const BPF_ANCILLARY_PACKET_TYPE: number = 0xffff_f000 + 4;
/** `SKF_AD_OFF + SKF_AD_IFINDEX` of `linux/filter.h`: the interface that the frame is for in the end. */
export const BPF_ANCILLARY_INTERFACE_INDEX: number = 0xffff_f000 + 8;

/**
 * The kernel's own check, `bpf_check_classic`, for the instructions that a `ProgramWriter` writes.
 *
 * @throws Error for a program that the kernel would refuse.
 */
export function checkClassicBpf(program: readonly BpfInstruction[]): void {
  if (program.length === 0 || program.length > BPF_MAX_INSTRUCTIONS) throw new Error(`${program.length} instructions`);
  for (const [at, { code, jt, jf, k }] of program.entries()) {
    if (jt < 0 || jt > 255 || jf < 0 || jf > 255 || k < 0 || k > 0xffff_ffff) throw new Error(`field at ${at}`);
    const isConditional = code === 0x15 || code === 0x25 || code === 0x35;
    if (isConditional && Math.max(jt, jf) >= program.length - at - 1) throw new Error(`jump past the end at ${at}`);
    if (code === 0x05 && k >= program.length - at - 1) throw new Error(`jump past the end at ${at}`);
  }
  if (program.at(-1)?.code !== 0x06) throw new Error('the last instruction is no return');
}

/**
 * Runs a program as the kernel would, for those who test a filter without a socket.
 *
 * @returns How many octets of the frame are let through.
 * @throws Error for an instruction that no `ProgramWriter` writes.
 */
export function runClassicBpf(program: readonly BpfInstruction[], frame: FilteredFrame): number {
  const { octets } = frame;
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  let accumulator = 0;
  for (let at = 0; at < program.length; at++) {
    const { code, jt, jf, k } = program[at] ?? { code: -1, jt: 0, jf: 0, k: 0 };
    switch (code) {
      case 0x20: // ld
        if (k === BPF_ANCILLARY_PACKET_TYPE) accumulator = frame.packetType;
        else if (k === BPF_ANCILLARY_INTERFACE_INDEX) accumulator = frame.interfaceIndex ?? 0;
        else if (k + 4 > octets.length) return 0;
        else accumulator = view.getUint32(k);
        break;
      case 0x28: // ldh
        if (k + 2 > octets.length) return 0;
        accumulator = view.getUint16(k);
        break;
      case 0x30: // ldb
        if (k + 1 > octets.length) return 0;
        accumulator = view.getUint8(k);
        break;
      case 0x05: // ja
        at += k;
        break;
      case 0x15: // jeq
        at += accumulator === k ? jt : jf;
        break;
      case 0x25: // jgt
        at += accumulator > k ? jt : jf;
        break;
      case 0x35: // jge
        at += accumulator >= k ? jt : jf;
        break;
      case 0x06: // ret
        return k;
      default:
        throw new Error(`unknown instruction ${code} at ${at}`);
    }
  }
  throw new Error('ran past the end');
}
