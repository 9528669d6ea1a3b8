import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { labelValueOf, sessionNames } from './session-names.ts';

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

describe('an object is called', () => {
  test.for<[node: string, peer: string, usual: string | RegExp]>([
    ['node-1', 'tor', 'node-1-tor'],
    ['node-1.example.com', 'tor.a', 'node-1.example.com-tor.a'],
    ['node-1', 'Tor_A', /^node-1-tor-a-[0-9a-f]{10}$/],
    ['n'.repeat(200), 'p'.repeat(60), /^n{200}-p{41}-[0-9a-f]{10}$/],
    ['', '', /^[0-9a-f]{10}$/],
  ])('%s and %s', ([node, peer, usual]) => {
    expect(sessionNames(node, peer).usual).toEqual(typeof usual === 'string' ? usual : expect.stringMatching(usual));
  });

  test('by a name that Kubernetes takes, whatever the node and the peer are called', () => {
    void fc.assert(
      fc.property(fc.string({ maxLength: 300 }), fc.string({ maxLength: 300 }), (node, peer) => {
        for (const name of Object.values(sessionNames(node, peer))) {
          expect(name.length).toBeLessThanOrEqual(253);
          expect(name).toMatch(SUBDOMAIN);
        }
      }),
    );
  });

  test('by another name where two nodes would have the same', () => {
    const [one, other] = [sessionNames('a-b', 'c'), sessionNames('a', 'b-c')];
    expect(one.usual).toBe(other.usual);
    expect(one.exact).not.toBe(other.exact);
  });
});

test('a label has the text itself where it is one, else one that only this text has', () => {
  expect(labelValueOf('node-1.example.com')).toBe('node-1.example.com');
  const long = 'n'.repeat(64);
  expect(labelValueOf(long)).toMatch(/^n{52}-[0-9a-f]{10}$/);
  expect(labelValueOf(long)).not.toBe(labelValueOf(`${long}n`));
  void fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (text) => {
      const value = labelValueOf(text);
      expect(value.length).toBeLessThanOrEqual(63);
      expect(value).toMatch(LABEL_VALUE);
    }),
  );
});
