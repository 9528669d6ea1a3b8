import { macToNumber } from '@steelyard/announcement-schedule';
import { formatMacAddress, parseIpv6Address, parseMacAddress } from '@steelyard/wire';
import { expect, test } from 'vitest';
import { ASKER_MAC, advertisement, OUR_MAC, OURS, probe, solicitation } from '../test/solicitation.ts';
import { claimantMacOffset } from './conflict.ts';
import { encodeNdpFrame, type NdpFrame } from './frame/frame.ts';

const SECOND_NIC = '02:00:5e:00:53:0c';
const ours = parseIpv6Address(OURS);
const ownMacs = new Set([OUR_MAC, SECOND_NIC].map((mac) => macToNumber(parseMacAddress(mac))));
const told = (linkLayerAddress: string) => [{ type: 'TargetLinkLayerAddress' as const, linkLayerAddress }];

test.for<[name: string, frame: NdpFrame, claimant: string | undefined]>([
  ['an unsolicited advertisement of another host', advertisement(), ASKER_MAC],
  ['the MAC is that of the option', advertisement({ sourceMac: OUR_MAC }), ASKER_MAC],
  ['without an option, that of the frame', advertisement({ options: [] }), ASKER_MAC],
  ['an advertisement to a third host', advertisement({ destination: '2001:db8::7', solicited: true }), ASKER_MAC],
  ['a probe of another host', probe(), ASKER_MAC],
  ['our own advertisement, reflected', advertisement({ sourceMac: OUR_MAC, options: told(OUR_MAC) }), undefined],
  ['that of our other interface on the same segment', advertisement({ options: told(SECOND_NIC) }), undefined],
  ['our own probe', { ...probe(), sourceMac: OUR_MAC }, undefined],
  ['a probe from no MAC, as a raw socket sees it', { ...probe(), sourceMac: '00:00:00:00:00:00' }, undefined],
  ['a question for our address', solicitation(), undefined],
  ['an advertisement for another address', advertisement({ target: '2001:db8::5' }), undefined],
  ['an advertisement that is not valid', advertisement({ solicited: true }), undefined],
])('%s', ([, frame, claimant]) => {
  const octets = encodeNdpFrame(frame);
  const offset = claimantMacOffset(
    octets,
    (from, at) => ours.every((octet, i) => from[at + i] === octet),
    (mac) => ownMacs.has(mac),
  );
  expect(offset === undefined ? undefined : formatMacAddress(octets, offset)).toBe(claimant);
});
