import { ipv4ToNumber, parseIpv4Address, parseMacAddress } from '@steelyard/wire';
import { describe, expect, test } from 'vitest';
import { type ConflictState, isConflict, macToNumber, stepConflict } from './conflict.ts';
import { type ArpFrame, encodeArpFrame } from './packet.ts';

const MAC = '02:00:5e:00:53:0a';
const SECOND_NIC = '02:00:5e:00:53:0b';
const STRANGER = '02:00:5e:00:53:66';
const OURS = '192.0.2.1';
const ownMacs = new Set([MAC, SECOND_NIC].map((mac) => macToNumber(parseMacAddress(mac))));
const ours = ipv4ToNumber(parseIpv4Address(OURS));

const announcement: ArpFrame = {
  destination: 'ff:ff:ff:ff:ff:ff',
  source: STRANGER,
  operation: 1,
  senderHardwareAddress: STRANGER,
  senderProtocolAddress: OURS,
  targetHardwareAddress: '00:00:00:00:00:00',
  targetProtocolAddress: OURS,
};

const conflicts = (frame: Partial<ArpFrame>): boolean =>
  isConflict(
    encodeArpFrame({ ...announcement, ...frame }),
    (address) => address === ours,
    (mac) => ownMacs.has(mac),
  );

describe('RFC 5227, section 2.4', () => {
  test.for<[name: string, frame: Partial<ArpFrame>, conflict: boolean]>([
    ['an announcement by another host', {}, true],
    ['a reply of another host to a third', { operation: 2, targetProtocolAddress: '192.0.2.9' }, true],
    ['a request of another host that uses our address', { targetProtocolAddress: '192.0.2.9' }, true],
    ['a probe for our address claims nothing', { senderProtocolAddress: '0.0.0.0' }, false],
    ['a request for our address claims nothing', { senderProtocolAddress: '192.0.2.9' }, false],
    ['our own frame, reflected', { senderHardwareAddress: MAC }, false],
    ['the frame of our other interface on the same segment', { senderHardwareAddress: SECOND_NIC }, false],
    ['neither request nor reply', { operation: 8 }, false],
  ])('%s: %o', ([, frame, conflict]) => {
    expect(conflicts(frame)).toBe(conflict);
  });

  test('a truncated frame claims nothing', () => {
    expect(
      isConflict(
        encodeArpFrame(announcement).subarray(0, 41),
        () => true,
        () => false,
      ),
    ).toBe(false);
  });
});

test('a MAC address keeps all its 48 bits as a number', () => {
  expect(macToNumber(parseMacAddress('ff:ff:ff:ff:ff:fe'))).toBe(0xffff_ffff_fffe);
  expect(macToNumber(Uint8Array.of(9, 0x80, 0, 0x80, 0, 0, 1), 1)).toBe(0x8000_8000_0001);
});

/** Replays conflicts and says what each led to. */
function replay(
  config: { readonly defend: boolean },
  seen: readonly (readonly [claimant: number, nowMs: number])[],
): string[] {
  let state: ConflictState | undefined;
  return seen.map(([claimant, nowMs]) => {
    const step = stepConflict(state, { claimant, nowMs }, config);
    state = step.state;
    return `${step.effects.report ? 'report' : '-'} ${step.effects.defend ? 'defend' : '-'}`;
  });
}

describe('RFC 5227, section 2.4 (c): the address is kept', () => {
  test('one defence and one report for a claimant within DEFEND_INTERVAL, however often it claims', () => {
    const claims = [0, 10, 5_000, 9_999, 10_000, 19_999, 20_000].map((nowMs): [number, number] => [1, nowMs]);
    expect(replay({ defend: true }, claims)).toEqual([
      'report defend',
      '- -',
      '- -',
      '- -',
      'report defend',
      '- -',
      'report defend',
    ]);
  });

  test('another claimant is reported soon, and one that changes its MAC all the time is reported once a second', () => {
    const claims: [number, number][] = [
      [1, 0],
      [2, 500],
      [2, 1_000],
      [3, 1_001],
      [4, 1_002],
      [5, 2_000],
    ];
    expect(replay({ defend: true }, claims)).toEqual(['report defend', '- -', 'report -', '- -', '- -', 'report -']);
  });

  test('without the wish to defend, it only reports', () => {
    expect(
      replay({ defend: false }, [
        [1, 0],
        [1, 10_000],
      ]),
    ).toEqual(['report -', 'report -']);
  });
});
