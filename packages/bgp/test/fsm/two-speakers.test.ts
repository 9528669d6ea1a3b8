import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PeerFsmConfig } from '../../src/fsm/vocabulary.ts';
import { CONFIG } from './peer-lab.ts';
import { createTwoSpeakers, type Network, type TwoSpeakers } from './two-speakers.ts';

const GOOD: Network = { delayMs: () => 1, fate: () => 'connects', breaks: () => false };

/** A number from 0 to 1, each time another one (mulberry32), from a seed that fast-check prints. */
function seeded(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function pair(
  random: () => number,
  changes: readonly [Partial<PeerFsmConfig>, Partial<PeerFsmConfig>] = [{}, {}],
): readonly [PeerFsmConfig, PeerFsmConfig] {
  const capabilities = (asn: number): PeerFsmConfig['capabilities'] => [
    { type: 'multiprotocol', afi: 1, safi: 1 },
    { type: 'four-octet-asn', asn },
  ];
  return [
    { ...CONFIG, random, capabilities: capabilities(64_512), ...changes[0] },
    {
      ...CONFIG,
      random,
      localAsn: 64_513,
      peerAsn: 64_512,
      bgpIdentifier: '192.0.2.2',
      capabilities: capabilities(64_513),
      ...changes[1],
    },
  ];
}

function expectOneSession(speakers: TwoSpeakers): void {
  expect(speakers.names).toEqual(['Established', 'Established']);
  expect(speakers.established[0]).toBeDefined();
  expect(speakers.established[0]).toBe(speakers.established[1]);
  for (const { connections } of speakers.states) expect(connections).toHaveLength(1);
}

describe('two speakers', () => {
  test('that call each other at the same moment have one session, at the first attempt', () => {
    const speakers = createTwoSpeakers(pair(seeded(1)), GOOD);
    speakers.start(0, 0);
    speakers.start(1, 0);
    speakers.runUntil(100);
    expectOneSession(speakers);
    expect(speakers.sessions).toEqual([1, 1]);
  });

  test('of which one is passive have the connection of the other', () => {
    const speakers = createTwoSpeakers(pair(seeded(1), [{}, { passive: true }]), GOOD);
    speakers.start(1, 0);
    speakers.start(0, 5);
    speakers.runUntil(50);
    expectOneSession(speakers);
    expect(speakers.connects).toEqual([1, 0]);
  });

  test('that are both passive wait for ever', () => {
    const speakers = createTwoSpeakers(pair(seeded(1), [{ passive: true }, { passive: true }]), GOOD);
    speakers.start(0, 0);
    speakers.start(1, 0);
    speakers.runUntil(3_600_000);
    expect(speakers.names).toEqual(['Active', 'Active']);
  });

  test('with DelayOpen on both sides open when the first of the timers expires', () => {
    const delays = [{ delayOpenTimeMs: 3_000, passive: true }, { delayOpenTimeMs: 5_000 }] as const;
    const speakers = createTwoSpeakers(pair(seeded(1), delays), GOOD);
    speakers.start(0, 0);
    speakers.start(1, 0);
    speakers.runUntil(2_990);
    expect(speakers.names).toEqual(['Active', 'Connect']);
    speakers.runUntil(3_050);
    expectOneSession(speakers);
  });

  test('stay up for a day, as long as their KEEPALIVEs arrive', () => {
    const speakers = createTwoSpeakers(pair(seeded(7)), GOOD);
    speakers.start(0, 0);
    speakers.start(1, 300);
    speakers.runUntil(86_400_000);
    expectOneSession(speakers);
    expect(speakers.sessions).toEqual([1, 1]);
  });

  test('with the same identifier in two AS keep the connection of the larger AS number: RFC 6286', () => {
    const same = { bgpIdentifier: '192.0.2.1' };
    const speakers = createTwoSpeakers(pair(seeded(1), [same, same]), GOOD);
    speakers.start(0, 0);
    speakers.start(1, 0);
    speakers.runUntil(100);
    expectOneSession(speakers);
    expect(speakers.states[1].connections[0]?.incoming).toBe(false);
  });

  test('whatever delays they meet when they call each other, have one session soon after', () => {
    void fc.assert(
      fc.property(fc.integer(), fc.nat(5_000), fc.nat(3_000), (seed, startMs, spreadMs) => {
        const random = seeded(seed);
        const network: Network = { ...GOOD, delayMs: () => 1 + random() * spreadMs };
        const speakers = createTwoSpeakers(pair(random), network);
        speakers.start(0, 0);
        speakers.start(1, startMs);
        speakers.runUntil(startMs + 300_000);
        expectOneSession(speakers);
      }),
      { numRuns: 200 },
    );
  });

  test('after an hour in which connections are refused, unanswered and broken, have one session again within five minutes', () => {
    void fc.assert(
      fc.property(
        fc.integer(),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        fc.boolean(),
        (seed, trouble, passive) => {
          const random = seeded(seed);
          const speakers = createTwoSpeakers(pair(random, [{}, { passive }]), {
            delayMs: () => 1 + random() * 200,
            fate: () => (random() >= trouble ? 'connects' : random() < 0.5 ? 'refused' : 'unanswered'),
            breaks: () => random() < trouble,
          });
          speakers.start(0, 0);
          speakers.start(1, 0);
          speakers.runUntil(3_600_000);
          speakers.network = GOOD;
          speakers.runUntil(3_900_000);
          expectOneSession(speakers);
          // Twice what one side is allowed: see damping.test.ts.
          expect(speakers.connects[0] + speakers.connects[1]).toBeLessThan(1_440);
        },
      ),
      { numRuns: 60 },
    );
  });
});
