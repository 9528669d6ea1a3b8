import { describe, expect, test } from 'vitest';
import { type BpfInstruction, encodeBpfProgram } from './bpf.ts';

const accept: BpfInstruction = { code: 0x06, jt: 0, jf: 0, k: 0xffff_ffff };

test('an instruction has 8 octets in the order of struct sock_filter', () => {
  const program = encodeBpfProgram([{ code: 0x28, jt: 1, jf: 2, k: 0x1234_5678 }, accept]);
  expect(Buffer.from(program).toString('hex')).toBe('2800010278563412' + '06000000ffffffff');
});

describe('refuses what the kernel would', () => {
  test.for<[what: string, program: BpfInstruction[]]>([
    ['nothing', []],
    ['4,097 instructions', new Array<BpfInstruction>(4097).fill(accept)],
    ['a jump too far', [{ ...accept, jt: 256 }]],
    ['a negative operand', [{ ...accept, k: -1 }]],
    ['an operand of 33 bits', [{ ...accept, k: 2 ** 32 }]],
    ['a fraction', [{ ...accept, code: 0.5 }]],
    ['no number', [{ ...accept, jf: Number.NaN }]],
  ])('%s', ([, program]) => {
    expect(() => encodeBpfProgram(program)).toThrow(RangeError);
  });
});
