import { describe, test } from 'vitest';
import { namespaceRefusal, runCase } from './network-namespace.ts';
import { cases } from './scenarios/icmpv6.ts';

const refusal = namespaceRefusal();

describe.skipIf(refusal !== undefined)(
  `ICMPv6 sockets on a veth pair${refusal === undefined ? '' : `: ${refusal}`}`,
  () => {
    test.for(Object.keys(cases))('%s', async (name) => {
      await runCase('icmpv6.ts', name);
    });
  },
);
