import { expect, test } from 'vitest';
import type { BpfInstruction } from '../filter/program.ts';
import { attachFittingFilter } from './attach-fitting-filter.ts';

const systemError = (code: string): Error => Object.assign(new Error(code), { code });

/** A kernel with room for so many instructions, the attached filter's among them. */
function kernel(room: number, refusal = 'ENOMEM') {
  const state = { attached: 0, detached: 0 };
  const socket = {
    attachFilter(program: readonly BpfInstruction[]): void {
      if (state.attached + program.length > room) throw systemError(refusal);
      state.attached = program.length;
    },
    detachFilter(): void {
      state.attached = 0;
      state.detached += 1;
    },
  };
  return { state, socket };
}

const instruction: BpfInstruction = { code: 6, jt: 0, jf: 0, k: 0 };
const compile = (ranges: number): BpfInstruction[] => new Array<BpfInstruction>(ranges).fill(instruction);

test('one that fits beside the old one is attached at once', () => {
  const { state, socket } = kernel(200);
  expect(attachFittingFilter(socket, compile, 100, 10)).toBe(100);
  expect(attachFittingFilter(socket, compile, 100, 10)).toBe(100);
  expect(state).toEqual({ attached: 100, detached: 0 });
});

test('one that fits alone is attached in its place', () => {
  const { state, socket } = kernel(150);
  attachFittingFilter(socket, compile, 100, 10);
  expect(attachFittingFilter(socket, compile, 100, 10)).toBe(100);
  expect(state).toEqual({ attached: 100, detached: 1 });
});

test('one that does not fit gets coarser by halves, down to the fewest ranges', () => {
  expect(attachFittingFilter(kernel(30).socket, compile, 100, 10)).toBe(25);
  expect(attachFittingFilter(kernel(10).socket, compile, 100, 10)).toBe(10);
  expect(() => attachFittingFilter(kernel(9).socket, compile, 100, 10)).toThrow('ENOMEM');
});

test('what is refused for another reason is not tried again', () => {
  const { state, socket } = kernel(0, 'EINVAL');
  expect(() => attachFittingFilter(socket, compile, 100, 10)).toThrow('EINVAL');
  expect(state.detached).toBe(0);
});
