import { macToNumber } from '@steelyard/announcement-schedule';
import { ipv4ToNumber, parseIpv4Address, parseMacAddress } from '@steelyard/wire';
import { describe, expect, test } from 'vitest';
import { isConflict } from './conflict.ts';
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
