import { describe, test } from 'vitest';
import { namespaceRefusal, runCase } from './network-namespace.ts';
import { cases } from './scenarios/link.ts';

const refusal = namespaceRefusal();

describe.skipIf(refusal !== undefined)(`links by rtnetlink${refusal === undefined ? '' : `: ${refusal}`}`, () => {
  test.for(Object.keys(cases))('%s', async (name) => {
    await runCase('link.ts', name);
  });
});
