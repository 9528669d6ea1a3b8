import type { BpfInstruction } from '../src/filter/program.ts';

/** A frame as the kernel sees it: its octets, `skb->pkt_type` and the index of `skb->dev`. */
export interface FilteredFrame {
  readonly octets: Uint8Array;
  readonly packetType: number;
  readonly interfaceIndex?: number;
}

/** The kernel's own check, `bpf_check_classic`: no program that would be refused is run here. */
export function checkClassicBpf(program: readonly BpfInstruction[]): void {
  if (program.length === 0 || program.length > 4096) throw new Error(`${program.length} instructions`);
  for (const [at, { code, jt, jf, k }] of program.entries()) {
    if (jt < 0 || jt > 255 || jf < 0 || jf > 255 || k < 0 || k > 0xffff_ffff) throw new Error(`field at ${at}`);
    const isConditional = code === 0x15 || code === 0x25 || code === 0x35;
    if (isConditional && Math.max(jt, jf) >= program.length - at - 1) throw new Error(`jump past the end at ${at}`);
    if (code === 0x05 && k >= program.length - at - 1) throw new Error(`jump past the end at ${at}`);
  }
  if (program.at(-1)?.code !== 0x06) throw new Error('the last instruction is no return');
}

/** Runs a classic BPF program: the few instructions that an ARP filter has. Returns how many octets are let through. */
export function runClassicBpf(program: readonly BpfInstruction[], frame: FilteredFrame): number {
  const { octets } = frame;
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  let accumulator = 0;
  for (let at = 0; at < program.length; at++) {
    const { code, jt, jf, k } = program[at] as BpfInstruction;
    switch (code) {
      case 0x20: // ld
        if (k === 0xffff_f004) accumulator = frame.packetType;
        else if (k === 0xffff_f008) accumulator = frame.interfaceIndex ?? 0;
        else if (k + 4 > octets.length) return 0;
        else accumulator = view.getUint32(k);
        break;
      case 0x28: // ldh
        if (k + 2 > octets.length) return 0;
        accumulator = view.getUint16(k);
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
