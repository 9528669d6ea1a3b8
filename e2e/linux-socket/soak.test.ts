import { hasCompiler } from '@steelyard/testkit/flood';
import { describe, test } from 'vitest';
import { namespaceRefusal, runCase } from './network-namespace.ts';
import { cases } from './scenarios/soak.ts';

const refusal = namespaceRefusal() ?? (hasCompiler() ? undefined : 'no C compiler for the generator of frames');

describe.skipIf(refusal !== undefined)(`soak${refusal === undefined ? '' : `: ${refusal}`}`, () => {
  test.for(Object.keys(cases))('%s', { timeout: 120_000 }, async (name) => {
    await runCase('soak.ts', name, 100_000);
  });
});
