import { LOCAL_CONFIG, type Member } from '@steelyard/memberlist';
import type { JoinResult, Memberlist, MemberlistOptions } from '@steelyard/memberlist/node';
import { parseIpAddress } from '@steelyard/wire';
import { afterEach, expect, test } from 'vitest';
import type { Members } from '../reconcile/outcome.ts';
import { Gossip } from './gossip.ts';

const key = (octet: number): Uint8Array => new Uint8Array(32).fill(octet);
const member = (node: string, address: string, status: Member['status'] = 'alive'): Member => ({
  node,
  address: parseIpAddress(address),
  port: 7946,
  incarnation: 1,
  meta: new Uint8Array(),
  versions: new Uint8Array(6),
  status,
});

const open: Gossip[] = [];
afterEach(async () => {
  for (const gossip of open.splice(0)) await gossip.close();
});

/** A gossip over a memberlist that does what the test says. */
function setUp(keys: readonly Uint8Array[] | 'to come' = [key(1)], failures = 0) {
  const told: (string | readonly string[])[] = [];
  const logged: string[] = [];
  const keysSet: (readonly Uint8Array[])[] = [];
  const joins: { readonly addresses: readonly string[]; readonly end: (result: JoinResult) => void }[] = [];
  let members = [member('a', '10.0.0.1')];
  let options: MemberlistOptions | undefined;
  let refusals = failures;
  const log = (_: object, message: string): void => void logged.push(message);
  const gossip = new Gossip(
    {
      bindAddress: '10.0.0.1',
      bindPort: 7946,
      config: LOCAL_CONFIG,
      keys: keys === 'to come' ? undefined : keys,
      open(given) {
        if (refusals-- > 0) return Promise.reject(new Error('10.0.0.1:7946 is taken'));
        options = given;
        const memberlist = {
          members: () => members,
          join: (addresses: readonly string[]) =>
            new Promise<JoinResult>((end) => {
              joins.push({ addresses, end });
            }),
          setKeys: (next: readonly Uint8Array[]) => void keysSet.push(next),
          leave: () => Promise.resolve(),
          close: () => Promise.resolve(),
        };
        return Promise.resolve(memberlist as unknown as Memberlist);
      },
    },
    {
      nodeName: 'a',
      onRefuted: () => told.push('refuted'),
      onMembers: (now: Members) => told.push(typeof now === 'string' ? now : [...now]),
      log: { debug: log, info: log, warn: log, error: log },
    },
  );
  open.push(gossip);
  return {
    gossip,
    told,
    logged,
    keysSet,
    joins,
    given: () => options,
    become(...next: Member[]) {
      members = next;
      for (const one of next) options?.onJoin?.(one);
    },
  };
}

test('who lives is not known before the peers were asked, and then told once for all who came at once', async () => {
  const { gossip, told, joins, become } = setUp();
  expect(gossip.missing).toContain('was not entered');
  gossip.setPeers(['10.0.0.1', '10.0.0.2', '10.0.0.3']);
  gossip.enter();
  await expect.poll(() => joins.length).toBe(1);
  expect(joins[0]?.addresses).toEqual(['10.0.0.2', '10.0.0.3']);
  expect(gossip.missing).toContain('not been joined');
  expect(told).toEqual(['joining']);
  become(member('a', '10.0.0.1'), member('b', '10.0.0.2'), member('c', '10.0.0.3', 'suspect'));
  // The answer of one is enough.
  await expect.poll(() => gossip.missing).toBeUndefined();
  expect(new Set(told.slice(1).map(String))).toEqual(new Set(['a,b,c']));
  joins[0]?.end({ joined: 2, failures: [] });
  become(member('a', '10.0.0.1'), member('b', '10.0.0.2', 'dead'));
  await expect.poll(() => told.at(-1)).toEqual(['a']);
});

test('peers that do not answer hold nobody up', async () => {
  const { gossip, told, joins } = setUp();
  gossip.enter();
  gossip.setPeers(['10.0.0.2']);
  await expect.poll(() => joins.length).toBe(1);
  joins[0]?.end({ joined: 0, failures: [{ address: '10.0.0.2', reason: 'timeout' }] });
  await expect.poll(() => told.at(-1)).toEqual(['a']);
});

test('nor does one that accepts a connection and then says nothing; it counts when it answers after all', async () => {
  const { gossip, told, joins, become } = setUp();
  gossip.setPeers(['10.0.0.2', '10.0.0.3']);
  gossip.enter();
  await expect.poll(() => joins.length).toBe(1);
  become(member('a', '10.0.0.1'), member('b', '10.0.0.2'));
  await expect.poll(() => told.at(-1), { timeout: 10_000 }).toEqual(['a', 'b']);
  expect(gossip.missing).toBeUndefined();
  become(member('a', '10.0.0.1'), member('b', '10.0.0.2'), member('c', '10.0.0.3'));
  await expect.poll(() => told.at(-1)).toEqual(['a', 'b', 'c']);
});

test('without peers the speaker is alone', async () => {
  const { gossip, told } = setUp();
  gossip.setPeers(['10.0.0.1']);
  gossip.enter();
  await expect.poll(() => told.at(-1)).toEqual(['a']);
});

test('a port that is taken is tried again, and complained of once', async () => {
  const { gossip, logged, told } = setUp([], 2);
  gossip.setPeers([]);
  gossip.enter();
  expect(gossip.missing).toContain('could not be opened');
  await expect.poll(() => told.at(-1), { timeout: 10_000 }).toEqual(['a']);
  expect(logged.filter((message) => message.includes('cannot be opened'))).toHaveLength(1);
});

test('without its key the gossip is not entered; with it, it is', async () => {
  const { gossip, given } = setUp('to come');
  gossip.enter();
  expect(gossip.missing).toContain('key');
  gossip.offerKey(key(7));
  await expect.poll(() => given()?.keys).toEqual([key(7)]);
});

test('where the key is awaited and there is to be none, the gossip is entered without; a key that is there stays', async () => {
  const { gossip, given, keysSet } = setUp('to come');
  gossip.enter();
  gossip.offerKey(undefined);
  await expect.poll(() => given()?.keys).toEqual([]);
  const encrypted = setUp();
  encrypted.gossip.enter();
  await expect.poll(() => encrypted.given()).toBeDefined();
  encrypted.gossip.offerKey(undefined);
  expect([...keysSet, ...encrypted.keysSet]).toEqual([]);
});

test('a key that changes is accepted at once, and used when somebody uses it', async () => {
  const { gossip, keysSet, given } = setUp();
  gossip.enter();
  await expect.poll(() => given()).toBeDefined();
  gossip.offerKey(key(2));
  given()?.onKeyHeard?.(0);
  given()?.onKeyHeard?.(1);
  expect(keysSet).toEqual([
    [key(1), key(2)],
    [key(2), key(1)],
  ]);
});

test('that others took the speaker for dead is told', async () => {
  const { gossip, told, given } = setUp();
  gossip.enter();
  await expect.poll(() => given()).toBeDefined();
  given()?.onRefuted?.('b');
  expect(told).toContain('refuted');
});

test('what is unknown is waited for, but not for ever', async () => {
  const { gossip, given } = setUp();
  gossip.enter(20);
  expect(given()).toBeUndefined();
  await expect.poll(() => given()).toBeDefined();
});
