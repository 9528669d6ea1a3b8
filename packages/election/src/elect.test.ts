import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Candidate,
  type Election,
  elect,
  electionOrder,
  electOwner,
  rankCandidates,
  type Verdict,
} from './index.ts';

const sha256 = (octets: Uint8Array): Uint8Array => createHash('sha256').update(octets).digest();
const nodes = (...names: string[]): Candidate[] => names.map((node) => ({ node, score: 0 }));
const numbered = nodes('node-1', 'node-2', 'node-3');
const lettered = nodes('alpha', 'bravo', 'charlie');

describe("MetalLB's order", () => {
  test.for<[name: string, candidates: Candidate[], address: string, order: string[]]>([
    ['IPv4', numbered, '192.0.2.10', ['node-1', 'node-2', 'node-3']],
    ['IPv6', numbered, '2001:db8::10', ['node-3', 'node-1', 'node-2']],
    ['IPv6 in another spelling', numbered, '2001:0DB8:0:0::0010', ['node-3', 'node-1', 'node-2']],
    ['IPv4 mapped into IPv6, which Go writes as IPv4', numbered, '::ffff:192.0.2.10', ['node-1', 'node-2', 'node-3']],
    ['other names', lettered, '198.51.100.7', ['alpha', 'bravo', 'charlie']],
    [
      'a preferred node',
      [...nodes('alpha', 'bravo'), { node: 'charlie', score: 10 }],
      '198.51.100.7',
      ['charlie', 'alpha', 'bravo'],
    ],
    ['a node named twice', [...lettered, { node: 'charlie', score: 1 }], '198.51.100.7', ['charlie', 'alpha', 'bravo']],
    ['nobody', [], '198.51.100.7', []],
  ])('%s', ([, candidates, address, order]) => {
    expect(electionOrder(candidates, address, sha256)).toEqual(order);
  });

  test('an address that is none is the caller’s mistake', () => {
    expect(() => electionOrder(lettered, 'lb.example.com', sha256)).toThrow(TypeError);
  });
});

describe('the owner', () => {
  const preferCharlie = [...nodes('alpha', 'bravo'), { node: 'charlie', score: 10 }];
  const verdicts = (entries: Record<string, Verdict>) => new Map(Object.entries(entries));
  test.for<[name: string, candidates: Candidate[], rest: object, election: Election]>([
    ['is the first by hash', lettered, {}, { owner: 'alpha', because: 'Hash' }],
    ['is the preferred one', preferCharlie, {}, { owner: 'charlie', because: 'Preference' }],
    ['is a member', lettered, { members: new Set(['bravo', 'charlie', 'zulu']) }, { owner: 'bravo', because: 'Hash' }],
    ['is the only member', lettered, { members: new Set(['charlie']) }, { owner: 'charlie', because: 'OnlyCandidate' }],
    [
      'is nobody when no candidate is a member',
      lettered,
      { members: new Set(['zulu']) },
      { owner: undefined, because: 'NoLivingCandidate' },
    ],
    ['is nobody without candidates', [], {}, { owner: undefined, because: 'NoCandidate' }],
    ['holds the claim', lettered, { claim: { epoch: 7, node: 'bravo' } }, { owner: 'bravo', because: 'Claim' }],
    [
      'is not a dead claimant',
      lettered,
      { claim: { epoch: 7, node: 'bravo' }, members: new Set(['alpha', 'charlie']) },
      { owner: 'alpha', because: 'Hash' },
    ],
    [
      'is not a claimant that is no candidate',
      lettered,
      { claim: { epoch: 7, node: 'zulu' } },
      { owner: 'alpha', because: 'Hash' },
    ],
    [
      'is preferred to the claimant',
      preferCharlie,
      { claim: { epoch: 7, node: 'bravo' } },
      { owner: 'charlie', because: 'Preference' },
    ],
    [
      'is not one with a verdict of death',
      lettered,
      { verdicts: verdicts({ alpha: 'dead' }) },
      { owner: 'bravo', because: 'Hash' },
    ],
    [
      'is not a demoted one',
      lettered,
      { verdicts: verdicts({ alpha: 'demoted' }) },
      { owner: 'bravo', because: 'Hash' },
    ],
    [
      'is a demoted one rather than nobody',
      lettered,
      { verdicts: verdicts({ alpha: 'demoted', bravo: 'dead', charlie: 'dead' }) },
      { owner: 'alpha', because: 'OnlyCandidate' },
    ],
    [
      'is not a demoted claimant',
      lettered,
      { claim: { epoch: 7, node: 'alpha' }, verdicts: verdicts({ alpha: 'demoted' }) },
      { owner: 'bravo', because: 'Hash' },
    ],
  ])('%s', ([, candidates, rest, election]) => {
    expect(elect({ candidates, members: 'unknown', address: '198.51.100.7', sha256, ...rest })).toMatchObject(election);
  });
});

describe('whatever the candidates', () => {
  const candidate = fc.record({
    node: fc.string({ minLength: 1, maxLength: 12 }),
    score: fc.integer({ min: 0, max: 3 }),
  });
  const candidates = fc.uniqueArray(candidate, { maxLength: 12, selector: ({ node }) => node });
  const address = fc.oneof(fc.ipV4(), fc.ipV6());

  test('their sequence changes nothing', () => {
    void fc.assert(
      fc.property(candidates, address, fc.infiniteStream(fc.nat()), (list, ip, random) => {
        const shuffled = list
          .map((c) => [random.next().value, c] as const)
          .sort((a, b) => a[0] - b[0])
          .map(([, c]) => c);
        expect(electionOrder(shuffled, ip, sha256)).toEqual(electionOrder(list, ip, sha256));
      }),
    );
  });

  test('the death of one that does not own moves nothing, and that of the owner moves the address to the next', () => {
    void fc.assert(
      fc.property(candidates, address, fc.nat(), (list, ip, n) => {
        const ranking = rankCandidates(list, ip, sha256);
        const order = ranking.map(({ node }) => node);
        const dead = order[n % Math.max(order.length, 1)];
        const members = new Set(order.filter((node) => node !== dead));
        expect(electOwner(ranking, { members }).owner).toBe(dead === order[0] ? order[1] : order[0]);
      }),
    );
  });

  test('the owner comes first in the order when nobody has claimed the address', () => {
    void fc.assert(
      fc.property(candidates, address, (list, ip) => {
        const { owner, order } = elect({ candidates: list, members: 'unknown', address: ip, sha256 });
        expect(order[0]).toBe(owner);
        expect(new Set(order)).toEqual(new Set(list.map(({ node }) => node)));
      }),
    );
  });
});
