/** One instruction of a classic BPF program: `struct sock_filter` of linux/filter.h. */
export interface BpfInstruction {
  /** Operation. 16 bits. */
  readonly code: number;
  /** Instructions to skip if true. 8 bits. */
  readonly jt: number;
  /** Instructions to skip if false. 8 bits. */
  readonly jf: number;
  /** Operand. 32 bits. */
  readonly k: number;
}

/** The most instructions that the kernel accepts: `BPF_MAXINSNS` of linux/bpf_common.h. */
export const MAX_BPF_INSTRUCTIONS = 4096;

const INSTRUCTION_OCTETS = 8;

/** Lays a program out as the kernel reads it, in this machine's octet order (all supported CPUs are little-endian). */
export function encodeBpfProgram(program: readonly BpfInstruction[]): Uint8Array {
  if (program.length === 0 || program.length > MAX_BPF_INSTRUCTIONS) {
    throw new RangeError(`a BPF program has 1 to ${MAX_BPF_INSTRUCTIONS} instructions, got ${program.length}`);
  }
  const octets = new Uint8Array(program.length * INSTRUCTION_OCTETS);
  const view = new DataView(octets.buffer);
  for (const [i, { code, jt, jf, k }] of program.entries()) {
    if (!(fits(code, 0xffff) && fits(jt, 0xff) && fits(jf, 0xff) && fits(k, 0xffff_ffff))) {
      throw new RangeError(`not a BPF instruction at ${i}: ${JSON.stringify({ code, jt, jf, k })}`);
    }
    view.setUint16(i * INSTRUCTION_OCTETS, code, true);
    view.setUint8(i * INSTRUCTION_OCTETS + 2, jt);
    view.setUint8(i * INSTRUCTION_OCTETS + 3, jf);
    view.setUint32(i * INSTRUCTION_OCTETS + 4, k, true);
  }
  return octets;
}

function fits(value: number, maximum: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= maximum;
}
