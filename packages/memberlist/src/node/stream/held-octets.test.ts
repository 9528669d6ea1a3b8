import { describe, expect, test } from 'vitest';
import type { MemberState } from '../../messages/message.ts';
import { createKeyring } from '../../packet/keyring.ts';
import { encodeStreamMessage } from '../../stream/encode-stream-message.ts';
import { greatestHeldOctets } from './held-octets.ts';

const MEMBERS = 10_000;

/** What somebody sends who knows so many, uncompressed. */
function pushPullOctets(nodeOf: (index: number) => string, metaOctets: number): number {
  const states = Array.from(
    { length: MEMBERS },
    (_, index): MemberState => ({
      node: nodeOf(index),
      address: Uint8Array.of(10, 0, index >> 8, index & 0xff),
      port: 7946,
      incarnation: index,
      meta: new Uint8Array(metaOctets),
      versions: Uint8Array.of(1, 5, 2, 0, 0, 0),
      status: 'alive',
    }),
  );
  const userState = new Uint8Array();
  const codec = {
    label: '',
    keyring: createKeyring([]),
    verifyIncoming: true,
    verifyOutgoing: true,
    compress: false,
    role: 'dialer',
  } as const;
  return encodeStreamMessage({ type: 'pushPull', join: true, states, userState }, codec).length;
}

describe('what may be held of what is not finished', () => {
  test.for<[what: string, membersKnown: number, octets: number]>([
    ['who knows nobody may be told of ten thousand nodes', 1, pushPullOctets((index) => `worker-${index}`, 0)],
    [
      'who knows ten thousand, of as many with all that can be said',
      MEMBERS,
      pushPullOctets((index) => `ip-10-0-${index}.eu-central-1.compute.internal`, 512),
    ],
  ])('%s', ([, membersKnown, octets]) => {
    expect(octets).toBeLessThan(greatestHeldOctets(membersKnown));
  });

  test('grows with the members, from 1 MiB to 8 MiB', () => {
    expect([0, 3, 256, 512, 2_048, 1e6].map(greatestHeldOctets)).toEqual([1, 1, 1, 2, 8, 8].map((mib) => mib << 20));
  });
});
