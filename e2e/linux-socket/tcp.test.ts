import { describe, test } from 'vitest';
import { namespaceRefusal, runCase } from './network-namespace.ts';
import { cases } from './scenarios/tcp.ts';

const refusal = namespaceRefusal();

describe.skipIf(refusal !== undefined)(`TCP between two hosts${refusal === undefined ? '' : `: ${refusal}`}`, () => {
  test.for(Object.keys(cases))('%s', async (name) => {
    await runCase('tcp.ts', name);
  });
});
