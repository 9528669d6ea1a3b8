import { describe, test } from 'vitest';
import { namespaceRefusal, runCase } from './network-namespace.ts';
import { cases } from './scenarios/packet.ts';

const refusal = namespaceRefusal();

describe.skipIf(refusal !== undefined)(
  `packet sockets on a veth pair${refusal === undefined ? '' : `: ${refusal}`}`,
  () => {
    test.for(Object.keys(cases))('%s', async (name) => {
      await runCase('packet.ts', name);
    });
  },
);
