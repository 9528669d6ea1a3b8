import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { captured } from '../../test/captured.ts';
import { decodeFact } from './facts.ts';
import { decodeNetlinkMessages, type NetlinkMessage } from './netlink.ts';
import { RTM_NEWADDR, RTM_NEWLINK, RTM_NEWROUTE } from './rtnetlink.ts';

function octets(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
}

describe('lengths that lie are values', () => {
  test.for<[what: string, hex: string, offset: number]>([
    ['a message longer than the datagram', '11000000 1000 0000 00000000 00000000', 0],
    ['a message shorter than its header', '0f000000 1000 0000 00000000 00000000', 0],
    ['a message of no octets', '00000000 1000 0000 00000000 00000000', 0],
    ['a second message of 4 GiB', '10000000 0300 0000 00000000 00000000 ffffffff 1000 0000 00000000 00000000', 16],
  ])('%s', ([, hex, offset]) => {
    expect(decodeNetlinkMessages(octets(hex))).toMatchObject({
      ok: false,
      failure: { code: 'ERR_LINUX_SOCKET_NETLINK_TRUNCATED', offset },
    });
  });

  const ifinfomsg = '00 00 0100 03000000 43100100 00000000';
  const rtmsg = '02 00 0000 fe030001 00000000';
  test.for<[what: string, type: number, payload: string, code: string]>([
    ['a link without its header', RTM_NEWLINK, '0000', 'ERR_LINUX_SOCKET_NETLINK_TRUNCATED'],
    [
      'an attribute longer than the message',
      RTM_NEWLINK,
      `${ifinfomsg} 0900 0300 61`,
      'ERR_LINUX_SOCKET_NETLINK_TRUNCATED',
    ],
    ['an attribute of no octets', RTM_NEWLINK, `${ifinfomsg} 0000 0300`, 'ERR_LINUX_SOCKET_NETLINK_TRUNCATED'],
    [
      'an MTU of two octets',
      RTM_NEWLINK,
      `${ifinfomsg} 0600 0300 6100 0000 0600 0400 dc05 0000`,
      'ERR_LINUX_SOCKET_NETLINK_ATTRIBUTE',
    ],
    [
      'a nested attribute longer than its nest',
      RTM_NEWLINK,
      `${ifinfomsg} 0600 0300 6100 0000 0800 1200 0900 0100`,
      'ERR_LINUX_SOCKET_NETLINK_TRUNCATED',
    ],
    [
      'flags of one octet',
      RTM_NEWADDR,
      '02 18 80 00 03000000 0500 0800 80000000',
      'ERR_LINUX_SOCKET_NETLINK_ATTRIBUTE',
    ],
    [
      'a next hop longer than its list',
      RTM_NEWROUTE,
      `${rtmsg} 0c00 0900 1000 0000 03000000`,
      'ERR_LINUX_SOCKET_NETLINK_TRUNCATED',
    ],
    [
      'a next hop of no octets',
      RTM_NEWROUTE,
      `${rtmsg} 0c00 0900 0000 0000 03000000`,
      'ERR_LINUX_SOCKET_NETLINK_TRUNCATED',
    ],
  ])('%s', ([, type, payload, code]) => {
    const message: NetlinkMessage = { type, flags: 0, sequence: 0, portId: 0, payload: octets(payload) };
    expect(decodeFact(message)).toMatchObject({ ok: false, failure: { code } });
  });
});

test('addresses of a length that no family has are no addresses', () => {
  const payload = octets('02 18 80 00 03000000 0900 0200 c0000201 05000000');
  expect(decodeFact({ type: RTM_NEWADDR, flags: 0, sequence: 0, portId: 0, payload })).toEqual({
    ok: true,
    value: undefined,
  });
});

test('any octets return, also when they were real before', () => {
  const real = fc.constantFrom(...[...captured.values()].flat());
  const changes = fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { maxLength: 8 });
  const damaged = fc.tuple(real, changes, fc.nat(2000)).map(([datagram, places, length]) => {
    const copy = datagram.slice(0, Math.max(16, length));
    for (const [at, value] of places) copy[at % copy.length] = value;
    return copy;
  });
  void fc.assert(
    fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 200 })), (datagram) => {
      const messages = decodeNetlinkMessages(datagram);
      for (const message of messages.ok ? messages.value : []) decodeFact(message);
    }),
    { numRuns: 2000 },
  );
});
