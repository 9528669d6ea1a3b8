import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  caBundleFor,
  type RotationEffect,
  type RotationEvent,
  type RotationState,
  type ServedCertificates,
  stepRotation,
} from './rotation.ts';

const issued = (authority: string, serving: string): ServedCertificates => ({
  authorityPem: `${authority}\n`,
  serving: { certificatePem: `${serving} of ${authority}`, privateKeyPem: 'key' },
});
const read = (certificates: ServedCertificates, currentValid = true): RotationEvent => ({
  type: 'certificatesRead',
  certificates,
  currentValid,
});
const known: RotationEvent = { type: 'authorityKnown', beside: true };
const settled: RotationEvent = { type: 'settled' };
const [a1, a2, b1] = [issued('A', '1'), issued('A', '2'), issued('B', '1')];

function play(...events: readonly RotationEvent[]): {
  readonly state: RotationState;
  readonly bundle: string | undefined;
  readonly effects: readonly string[];
} {
  let state: RotationState = { name: 'empty' };
  const effects: string[] = [];
  for (const event of events) {
    const step = stepRotation(state, event);
    state = step.state;
    effects.push(...step.effects.map(describe));
  }
  return { state, bundle: caBundleFor(state)?.pem, effects };
}

function describe(effect: RotationEffect): string {
  return effect.type === 'serve' ? `serve ${effect.pair.certificatePem}` : effect.type;
}

test('the first certificate is served at once', () => {
  expect(play(read(a1))).toMatchObject({ effects: ['serve 1 of A'], bundle: 'A\n' });
});

test('the same certificate again is nothing new', () => {
  expect(play(read(a1), read(a1)).effects).toEqual(['serve 1 of A']);
});

test('another certificate of the same authority is served at once', () => {
  expect(play(read(a1), read(a2)).effects).toEqual(['serve 1 of A', 'serve 2 of A']);
});

test('a new authority is named beside the old, then used, then alone', () => {
  expect(play(read(a1), read(b1))).toMatchObject({ state: { name: 'introducing' }, bundle: 'B\nA\n' });
  expect(play(read(a1), read(b1), known, settled)).toMatchObject({
    state: { name: 'retiring' },
    bundle: 'B\nA\n',
    effects: ['serve 1 of A', 'stopSettling', 'startSettling', 'serve 1 of B', 'startSettling'],
  });
  expect(play(read(a1), read(b1), known, settled, settled)).toMatchObject({
    state: { name: 'serving' },
    bundle: 'B\n',
  });
});

test('a timer that fires before the new authority is known changes nothing', () => {
  expect(play(read(a1), read(b1), settled).state.name).toBe('introducing');
});

test('a new authority whose predecessor has expired is used at once', () => {
  expect(play(read(a1), read(b1, false))).toMatchObject({
    bundle: 'B\n',
    effects: ['serve 1 of A', 'stopSettling', 'serve 1 of B'],
  });
});

test('where another controller names the new authority alone, it is used at once', () => {
  expect(play(read(a1), read(b1), { type: 'authorityKnown', beside: false })).toMatchObject({
    state: { name: 'serving' },
    effects: ['serve 1 of A', 'stopSettling', 'stopSettling', 'serve 1 of B'],
  });
});

test('the way back to the old authority, before the new was used, ends the exchange', () => {
  expect(play(read(a1), read(b1), known, read(a1))).toMatchObject({ state: { name: 'serving' }, bundle: 'A\n' });
});

test('a third authority begins the exchange anew', () => {
  expect(play(read(a1), read(b1), known, read(issued('C', '1')))).toMatchObject({
    state: { name: 'introducing', known: false },
    bundle: 'C\nA\n',
  });
});

test('what is served is always vouched for by the bundle, and only a chain of events that the API server has seen changes both', () => {
  const event = fc.oneof(
    fc
      .tuple(fc.constantFrom('A', 'B', 'C'), fc.constantFrom('1', '2'), fc.boolean())
      .map(([authority, serving, valid]) => read(issued(authority, serving), valid)),
    fc.boolean().map((beside): RotationEvent => ({ type: 'authorityKnown', beside })),
    fc.constant(settled),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30 }), (events) => {
      let state: RotationState = { name: 'empty' };
      let served: string | undefined;
      for (const next of events) {
        const step = stepRotation(state, next);
        state = step.state;
        for (const effect of step.effects) if (effect.type === 'serve') served = effect.pair.certificatePem;
        if (state.name === 'empty') continue;
        expect(served).toBe(state.current.serving.certificatePem);
        expect(caBundleFor(state)?.pem).toContain(state.current.authorityPem);
      }
    }),
  );
});
