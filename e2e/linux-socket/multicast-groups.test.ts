import { describe, test } from 'vitest';
import { namespaceRefusal, runCase } from './network-namespace.ts';
import { cases } from './scenarios/multicast-groups.ts';

const refusal = namespaceRefusal();

describe.skipIf(refusal !== undefined)(`multicast groups${refusal === undefined ? '' : `: ${refusal}`}`, () => {
  test.for(Object.keys(cases))('%s', async (name) => {
    await runCase('multicast-groups.ts', name);
  });
});
