import { setTimeout as sleep } from 'node:timers/promises';
import { describeLab } from '@steelyard/testkit/vitest';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HOSTILE_ASN, type HostileLab, openHostileLab, SOON } from './hostile-lab.ts';
import type { ScriptedPeer } from './scripted-peer.ts';
import {
  hex,
  keepalive,
  message,
  notification,
  OPEN,
  open,
  routeRefresh,
  UPDATE,
  update,
} from './scripted-peer-octets.ts';

/** `BGP_FUZZ_SEED=… BGP_FUZZ_RUNS=…` for another run of it, or a longer one. */
const SEED = Number(process.env['BGP_FUZZ_SEED'] ?? Date.now() % 2 ** 31);
const RUNS = Number(process.env['BGP_FUZZ_RUNS'] ?? 150);
const MEBIBYTE = 1 << 20;

const MANDATORY = ['40 01 01 00', '40 02 06 02 01 0000fc00', '40 03 04 c0000201'];
const updates: readonly Uint8Array[] = [
  update({ attributes: MANDATORY, nlri: '18 c00002 20 c6336401' }),
  update({ withdrawn: '18 c63364 20 c0000205' }),
  update({
    attributes: [
      ...MANDATORY,
      '80 04 04 00000064',
      '40 06 00',
      'c0 07 08 0000fc00 c0000202',
      'c0 08 08 fc000064 ffffff01',
      'c0 10 08 0002fc0000000064',
      'c0 20 0c 0000fc00 00000001 00000002',
      '80 0f 05 0002 01 00 00',
    ],
    nlri: '18 c00002',
  }),
  update({
    attributes: [
      ...MANDATORY.slice(0, 2),
      `90 0e 0026 0002 01 10 20010db8${'00'.repeat(11)}02 00 80 20010db8000000010000000000000001`,
    ],
  }),
  update({}),
  update({ attributes: ['80 0f 03 0002 01'] }),
];
const opens: readonly Uint8Array[] = [
  open({ asn: HOSTILE_ASN }),
  open({ asn: HOSTILE_ASN, capabilities: [] }),
  open({
    asn: HOSTILE_ASN,
    capabilities: [
      '01 04 0001 00 01',
      '40 06 8078 0001 01 80',
      '45 04 0001 01 01',
      '49 05 03 667272 00',
      '05 06 0001 0001 0002',
    ],
  }),
];

interface Mutation {
  readonly kind: 'flip' | 'set' | 'truncate' | 'extend' | 'repeat';
  readonly at: number;
  readonly value: number;
}
const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom('flip', 'set', 'truncate', 'extend', 'repeat'),
  at: fc.nat(),
  value: fc.nat(255),
});

function mutate(octets: Uint8Array, { kind, at, value }: Mutation): Uint8Array {
  if (octets.length === 0) return octets;
  const place = at % octets.length;
  switch (kind) {
    case 'flip':
      return octets.with(place, (octets[place] ?? 0) ^ (1 << (value & 7)));
    case 'set':
      return octets.with(place, value);
    case 'truncate':
      return octets.slice(0, place);
    case 'extend':
      return Uint8Array.of(
        ...octets.slice(0, place),
        ...new Uint8Array(value % 40).fill(value),
        ...octets.slice(place),
      );
    case 'repeat':
      return Uint8Array.of(...octets, ...octets.slice(place, place + value));
  }
}

/** Half of what was mutated has a good header all the same, or nothing would get past the marker and the length. */
const mutated = (bases: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> =>
  fc
    .tuple(fc.constantFrom(...bases), fc.array(mutation, { minLength: 0, maxLength: 4 }), fc.nat(9))
    .map(([base, mutations, mend]) => {
      if (mend === 0) return mutations.reduce(mutate, base);
      return message(base[18] ?? UPDATE, mutations.reduce(mutate, base.slice(19)).slice(0, 4_077));
    });

const strange = mutated([...updates, keepalive, routeRefresh, message(5, hex('0001 01 01')), notification(6, 2)]);
/** An UPDATE whose lengths are right, and of whose attributes one is anything: these go deeper. */
const oneStrangeAttribute = fc
  .record({
    flags: fc.constantFrom(0x00, 0x40, 0x80, 0xc0, 0xe0, 0xcf),
    code: fc.oneof(fc.integer({ min: 1, max: 18 }), fc.constantFrom(25, 32, 35, 0, 99, 255)),
    value: fc.uint8Array({ maxLength: 40 }),
    place: fc.nat(3),
    keep: fc.boolean(),
  })
  .map(({ flags, code, value, place, keep }) => {
    const attribute = Buffer.from([flags, code, value.length, ...value]).toString('hex');
    const others = keep ? MANDATORY : MANDATORY.filter((one) => hex(one)[1] !== code);
    return update({ attributes: others.toSpliced(place, 0, attribute), nlri: '18 c00002' });
  });

/** What is said in the place of an OPEN, or after one that is good; and how it is cut. */
const script = fc.record({
  opening: fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: mutated(opens) }),
  messages: fc.array(
    fc.oneof(
      { weight: 8, arbitrary: oneStrangeAttribute },
      { weight: 3, arbitrary: fc.constantFrom(...updates) },
      { weight: 1, arbitrary: strange },
    ),
    { minLength: 1, maxLength: 40 },
  ),
  cuts: fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 8 }),
  end: fc.constantFrom('reset', 'hang up', 'wait'),
});

/** In chunks of these lengths, each a segment of its own: the socket has no delay. */
async function sayInChunks(peer: ScriptedPeer, octets: Uint8Array, cuts: readonly number[]): Promise<void> {
  let from = 0;
  for (let i = 0; from < octets.length && !peer.closed; i++) {
    const length = cuts[i % cuts.length] ?? octets.length;
    peer.say(octets.subarray(from, from + length));
    from += length;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describeLab('mutated streams over the wire', () => {
  let lab: HostileLab;

  beforeAll(async () => {
    lab = await openHostileLab();
    await lab.speaker.addPeer({
      address: lab.hostile.ipv4,
      name: 'hostile',
      asn: HOSTILE_ASN,
      families: ['ipv4-unicast', 'ipv6-unicast'],
      ...SOON,
    });
  });
  afterAll(() => lab?.close());

  test(
    `seed ${SEED}, ${RUNS} connections: what is answered is BGP, nothing throws, grows or hangs`,
    async () => {
      const { router, speaker } = lab;
      const answers = new Map<string, number>();
      // What is loaded at first use is no growth.
      for (let i = 0; i < 5; i++) (await router.greeted({ asn: HOSTILE_ASN })).reset();
      const before = await speaker.usage();
      await fc.assert(
        fc.asyncProperty(script, async ({ opening, messages, cuts, end }) => {
          const peer = await router.next();
          if (opening === undefined) await peer.greet({ asn: HOSTILE_ASN });
          else await peer.waitFor(OPEN);
          await sayInChunks(
            peer,
            Buffer.concat([...(opening === undefined ? [] : [opening, keepalive]), ...messages]),
            cuts,
          );
          if (end === 'reset') peer.reset();
          else if (end === 'hang up') peer.hangUp();
          await sleep(2);
          // What came back was taken apart into messages already, which throws for what is none.
          for (const { codes } of peer.notifications) answers.set(codes, (answers.get(codes) ?? 0) + 1);
          for (const { codes } of peer.notifications)
            expect(codes).toMatch(/^(?:1\/[1-3]|2\/[0-9]+|3\/[0-9]+|5\/[0-3]|6\/[0-9]+|7\/1)$/);
          expect(peer.notifications.length).toBeLessThanOrEqual(1);
          peer.reset();
          expect(speaker.errors).toEqual([]);
        }),
        { seed: SEED, numRuns: RUNS, endOnFailure: true },
      );
      // It is well, and so is everybody else.
      const last = await router.greeted({ asn: HOSTILE_ASN });
      await speaker.until('hostile', 'Established', ({ state }) => state === 'Established');
      last.reset();
      await lab.expectUndisturbed();
      const after = await speaker.usage();
      const grown = (after.heapOctets - before.heapOctets) / MEBIBYTE;
      const { counters } = await speaker.status('hostile');
      process.stdout.write(
        `# seed ${SEED}: ${counters.received.update} UPDATEs read, ${counters.updateFailures} of them wrong; ` +
          `answers ${JSON.stringify(Object.fromEntries([...answers].sort(([a], [b]) => (a < b ? -1 : 1))))}; ` +
          `heap ${grown.toFixed(1)} MiB more, worst gap ${after.worstGapMs.toFixed(0)} ms\n`,
      );
      expect(grown).toBeLessThan(16);
      expect((after.rssOctets - before.rssOctets) / MEBIBYTE).toBeLessThan(96);
    },
    30_000 + 500 * RUNS,
  );
});
