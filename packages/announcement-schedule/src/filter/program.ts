/** One instruction of classic BPF: `struct sock_filter` of `linux/filter.h`. */
export interface BpfInstruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

/** `BPF_MAXINSNS`: the kernel refuses a longer classic program. */
export const BPF_MAX_INSTRUCTIONS = 4096;

// linux/bpf_common.h
const BPF_LD_ABS_WORD = 0x20;
const BPF_LD_ABS_HALF = 0x28;
const BPF_LD_ABS_OCTET = 0x30;
const BPF_JMP_JA = 0x05;
const BPF_JMP_JEQ_K = 0x15;
const BPF_JMP_JGT_K = 0x25;
const BPF_JMP_JGE_K = 0x35;
const BPF_RET_K = 0x06;

/** A conditional jump reaches this far; `jt` and `jf` have 8 bits. */
const FARTHEST = 255;

/**
 * A place in the program, counted from its **end**: the program is written backwards, so that whatever an instruction
 * jumps to is already in place when it is written. Classic BPF only jumps forwards.
 */
export type Place = number;

/** A jump's target that may be repeated where it is needed: a verdict, or a jump to the next stage. */
export interface Landing {
  at: Place | undefined;
  readonly instruction: { readonly ret: number } | { readonly jumpTo: Place };
}

/** Writes a classic BPF program from its last instruction to its first. */
export interface ProgramWriter {
  readonly length: number;
  ret(value: number): Place;
  loadOctet(offset: number): Place;
  loadHalf(offset: number): Place;
  loadWord(offset: number): Place;
  jumpIf(test: 'equal' | 'greater' | 'greaterOrEqual', k: number, then: Place, otherwise: Place): Place;
  /** Makes sure that `landing` lies within reach of the next few instructions; only where nothing falls through. */
  bringNear(landing: Landing): Place;
  finish(): BpfInstruction[];
}

const CONDITION = { equal: BPF_JMP_JEQ_K, greater: BPF_JMP_JGT_K, greaterOrEqual: BPF_JMP_JGE_K } as const;

/** Starts a program without instructions. */
export function createProgramWriter(): ProgramWriter {
  const reversed: BpfInstruction[] = [];
  const write = (code: number, k: number, jt = 0, jf = 0): Place => {
    reversed.push({ code, jt, jf, k });
    return reversed.length - 1;
  };
  /** How many instructions a jump written now would skip. */
  const distance = (target: Place): number => reversed.length - target - 1;
  const jump = (target: Place): Place => write(BPF_JMP_JA, distance(target));

  const writer: ProgramWriter = {
    get length(): number {
      return reversed.length;
    },
    ret: (value) => write(BPF_RET_K, value),
    loadOctet: (offset) => write(BPF_LD_ABS_OCTET, offset),
    loadHalf: (offset) => write(BPF_LD_ABS_HALF, offset),
    loadWord: (offset) => write(BPF_LD_ABS_WORD, offset),
    jumpIf(test, k, then, otherwise) {
      // A far target is reached by an unconditional jump right behind the condition, which has 32 bits. Two may be
      // needed, and the first one pushes the other target one further away.
      const thenIsFar = distance(then) > FARTHEST - 1;
      const otherwiseIsFar = distance(otherwise) > FARTHEST - 1;
      const thenAt = thenIsFar ? jump(then) : then;
      const otherwiseAt = otherwiseIsFar ? jump(otherwise) : otherwise;
      return write(CONDITION[test], k, distance(thenAt), distance(otherwiseAt));
    },
    bringNear(landing) {
      if (landing.at === undefined || distance(landing.at) > FARTHEST - 8) {
        const { instruction } = landing;
        landing.at = 'ret' in instruction ? writer.ret(instruction.ret) : jump(instruction.jumpTo);
      }
      return landing.at;
    },
    finish: () => reversed.toReversed(),
  };
  return writer;
}
