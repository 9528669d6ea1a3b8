import { parseIpv6Address, parseMacAddress } from '@steelyard/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ASKER,
  ASKER_MAC,
  advertisement,
  OUR_MAC,
  OURS,
  probe,
  solicitation,
  sourceLinkLayerAddress,
} from '../test/solicitation.ts';
import { answerFor, type NdpAnswer, type NdpIdentity } from './answer.ts';
import { ADVERTISEMENT_FRAME_LENGTH, writeNdpAnnouncement } from './frame/advertisement.ts';
import { decodeNdpFrame, encodeNdpFrame, type NdpFrame } from './frame/frame.ts';

const ours = parseIpv6Address(OURS);
const self: NdpIdentity = {
  hardwareAddress: parseMacAddress(OUR_MAC),
  owns: (octets, offset) => ours.every((octet, i) => octets[offset + i] === octet),
};
const STRANGER_MAC = '02:00:5e:00:53:66';

function replyTo(frame: NdpFrame): [outcome: NdpAnswer, reply: NdpFrame | undefined] {
  const reply = new Uint8Array(ADVERTISEMENT_FRAME_LENGTH).fill(0xaa);
  const outcome = answerFor(encodeNdpFrame(frame), self, reply);
  const decoded = decodeNdpFrame(reply);
  return [outcome, decoded.ok ? decoded.value : undefined];
}

const target = { type: 'TargetLinkLayerAddress', linkLayerAddress: OUR_MAC };
const solicited = {
  destinationMac: ASKER_MAC,
  sourceMac: OUR_MAC,
  source: OURS,
  destination: ASKER,
  message: {
    type: 'NeighborAdvertisement',
    target: OURS,
    router: false,
    solicited: true,
    override: true,
    options: [target],
  },
};
const toAllNodes = {
  ...solicited,
  destinationMac: '33:33:00:00:00:01',
  destination: 'ff02::1',
  message: { ...solicited.message, solicited: false },
};

describe('RFC 4861, section 7.2.4', () => {
  test.for<[name: string, frame: NdpFrame, reply: unknown]>([
    ['a host that resolves', solicitation(), solicited],
    [
      'the reply goes to the link-layer address of the option, not to the source of the frame',
      solicitation({ sourceMac: STRANGER_MAC }),
      solicited,
    ],
    [
      'a neighbour that checks whether we are there, without a link-layer address',
      solicitation({ destination: OURS, destinationMac: OUR_MAC, options: [] }),
      solicited,
    ],
    ['the same with one', solicitation({ destination: OURS, destinationMac: OUR_MAC }), solicited],
    ['a question to the group without a link-layer address', solicitation({ options: [] }), solicited],
    ['a link-local asker', solicitation({ source: 'fe80::9' }), { ...solicited, destination: 'fe80::9' }],
    ['a probe of duplicate address detection', probe(), toAllNodes],
    [
      'other options before the link-layer address',
      solicitation({
        options: [{ type: 'Other', number: 14, value: new Uint8Array(6) }, sourceLinkLayerAddress(ASKER_MAC)],
      }),
      solicited,
    ],
  ])('%s', ([, frame, reply]) => {
    expect(replyTo(frame)).toEqual(['Answered', reply]);
  });

  test('an announcement tells all nodes, with the Override flag', () => {
    const frame = new Uint8Array(ADVERTISEMENT_FRAME_LENGTH).fill(0xaa);
    writeNdpAnnouncement(frame, self, ours);
    expect(decodeNdpFrame(frame)).toEqual({ ok: true, value: toAllNodes });
  });
});

describe('not answered', () => {
  test.for<[name: string, frame: NdpFrame, outcome: NdpAnswer]>([
    ['an advertisement', advertisement(), 'NotASolicitation'],
    ['a target that is not ours', solicitation({ target: '2001:db8::1:3' }), 'NotOurs'],
    ['a frame to another MAC', solicitation({ destinationMac: STRANGER_MAC }), 'NotForThisInterface'],
    ['a broadcast asker', solicitation({ options: [sourceLinkLayerAddress('ff:ff:ff:ff:ff:ff')] }), 'SenderIsGroup'],
    ['a multicast asker', solicitation({ options: [sourceLinkLayerAddress('33:33:00:00:00:01')] }), 'SenderIsGroup'],
    ['an asker of zero', solicitation({ options: [sourceLinkLayerAddress('00:00:00:00:00:00')] }), 'SenderIsZero'],
    [
      'a frame from zero without an option',
      solicitation({ sourceMac: '00:00:00:00:00:00', options: [] }),
      'SenderIsZero',
    ],
    ['an asker that is a group', solicitation({ source: 'ff02::2' }), 'ERR_NDP_SOURCE_NOT_UNICAST'],
    ['a probe with a link-layer address', solicitation({ source: '::' }), 'ERR_NDP_SOURCE_IS_UNSPECIFIED'],
  ])('%s', ([, frame, outcome]) => {
    expect(replyTo(frame)).toEqual([outcome, undefined]);
  });
});

test('whatever comes in, nothing is thrown, and what is sent tells of an address of ours alone', () => {
  const good = encodeNdpFrame(solicitation());
  const almost = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 3 }).map((patches) => {
    const octets = Uint8Array.from(good);
    for (const [offset, octet] of patches) octets[offset] = octet;
    return octets;
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 120 }), almost), (octets) => {
      const reply = new Uint8Array(ADVERTISEMENT_FRAME_LENGTH);
      if (answerFor(octets, self, reply) !== 'Answered') expect(reply.every((octet) => octet === 0)).toBe(true);
      else {
        expect(decodeNdpFrame(reply)).toMatchObject({
          value: { sourceMac: OUR_MAC, source: OURS, message: { target: OURS, options: [target] } },
        });
      }
    }),
    { numRuns: 2_000 },
  );
});
