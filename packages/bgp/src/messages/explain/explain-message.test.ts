import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { context, hostile } from '../../../test/messages/hostile-octets.ts';
import { messageOf, updateOf } from '../../../test/messages/octets-of.ts';
import { capturedOpens } from '../../../test/messages/opens.ts';
import { decodeMessage } from '../decode-message.ts';
import { encodeKeepalive } from '../keepalive.ts';
import { encodeNotification } from '../notification/notification.ts';
import { shutdownCommunication } from '../notification/shutdown-communication.ts';
import { encodeRouteRefresh } from '../route-refresh.ts';
import { OPENING_SESSION, type SessionContext } from '../session-context.ts';
import { explainMessage } from './explain-message.ts';
import type { ExplainedField } from './explained-field.ts';

/** As a table of lines: offset, length, name by depth, value, and what is wrong. */
function table(octets: Uint8Array, context: SessionContext = OPENING_SESSION): string {
  const lines = explainMessage(octets, context)
    .filter((field) => field.offset >= 19 || field.failure !== undefined)
    .map(({ offset, length, depth, name, value, failure }) =>
      `${offset}+${length} ${'  '.repeat(depth)}${name}: ${value}${failure === undefined ? '' : ` !! ${failure}`}`.trimEnd(),
    );
  return `\n${lines.join('\n')}\n`;
}

const header = (octets: Uint8Array): ExplainedField[] =>
  explainMessage(octets, OPENING_SESSION).filter((field) => field.offset < 19);

test('every message has a header', () => {
  expect(header(encodeKeepalive())).toEqual([
    { offset: 0, length: 16, depth: 0, name: 'Marker', value: 'all ones' },
    { offset: 16, length: 2, depth: 0, name: 'Length', value: '19' },
    { offset: 18, length: 1, depth: 0, name: 'Type', value: '4 (KEEPALIVE)' },
  ]);
});

test('an OPEN', () => {
  const octets = messageOf(
    1,
    `04 5ba0 005a c0000201
     2b
     02 06 01 04 0001 00 01
     02 1a  41 04 fa56ea01  40 06 c078 0001 01 80  45 04 0002 01 01  c8 02 abcd  02 00
     02 05  05 03 000100`,
  );
  expect(table(octets)).toBe(`
19+1 Version: 4
20+2 My Autonomous System: 23456 (AS_TRANS: the number is in capability 65)
22+2 Hold Time: 90 s
24+4 BGP Identifier: 192.0.2.1
28+1 Optional Parameters Length: 43
29+43 Optional Parameters: 43 octets
29+8   Optional Parameter: 2 (Capabilities)
29+1     Parameter Type: 2 (Capabilities)
30+1     Parameter Length: 6
31+6     Capability: 1 (Multiprotocol Extensions)
31+1       Capability Code: 1 (Multiprotocol Extensions)
32+1       Capability Length: 4
33+2       AFI: 1 (IPv4)
35+1       Reserved: 0
36+1       SAFI: 1 (unicast)
37+28   Optional Parameter: 2 (Capabilities)
37+1     Parameter Type: 2 (Capabilities)
38+1     Parameter Length: 26
39+6     Capability: 65 (Support for 4-octet AS number)
39+1       Capability Code: 65 (Support for 4-octet AS number)
40+1       Capability Length: 4
41+4       AS Number: 4200000001
45+8     Capability: 64 (Graceful Restart)
45+1       Capability Code: 64 (Graceful Restart)
46+1       Capability Length: 6
47+2       Restart Flags and Restart Time: restarting, N bit, 120 s
49+2       AFI: 1 (IPv4)
51+1       SAFI: 1 (unicast)
52+1       Flags: 0x80 (forwarding state preserved)
53+6     Capability: 69 (ADD-PATH)
53+1       Capability Code: 69 (ADD-PATH)
54+1       Capability Length: 4
55+2       AFI: 2 (IPv6)
57+1       SAFI: 1 (unicast)
58+1       Send/Receive: 1 (receive)
59+4     Capability: 200
59+1       Capability Code: 200
60+1       Capability Length: 2
61+2       Capability Value: abcd
63+2     Capability: 2 (Route Refresh)
63+1       Capability Code: 2 (Route Refresh)
64+1       Capability Length: 0
65+7   Optional Parameter: 2 (Capabilities)
65+1     Parameter Type: 2 (Capabilities)
66+1     Parameter Length: 5
67+5     Capability: 5 (Extended Next Hop Encoding), ignored: its value cannot be read
67+1       Capability Code: 5 (Extended Next Hop Encoding)
68+1       Capability Length: 3
69+2       NLRI AFI: 1 (IPv4)
71+1       NLRI SAFI: 00
`);
});

test('an OPEN with extended optional parameters (RFC 9072), and texts in it', () => {
  const octets = messageOf(1, '04 fbf0 0000 c0000201 ff ff 000f 02 000c 49 06 01 61 03 6f7267 4b 02 01 0a');
  expect(table(octets)).toBe(`
19+1 Version: 4
20+2 My Autonomous System: 64496
22+2 Hold Time: 0 s
24+4 BGP Identifier: 192.0.2.1
28+1 Non-Extended Optional Parameters Length: 255
29+1 Non-Extended Optional Parameters Type: 255
30+2 Extended Optional Parameters Length: 15
32+15 Optional Parameters: 15 octets
32+15   Optional Parameter: 2 (Capabilities)
32+1     Parameter Type: 2 (Capabilities)
33+2     Parameter Length: 12
35+8     Capability: 73 (FQDN)
35+1       Capability Code: 73 (FQDN)
36+1       Capability Length: 6
37+1       Hostname Length: 1
38+1       Hostname: "a"
39+1       Domain Name Length: 3
40+3       Domain Name: "org"
43+4     Capability: 75 (Software Version)
43+1       Capability Code: 75 (Software Version)
44+1       Capability Length: 2
45+1       Version Length: 1
46+1       Version: "\\u{a}"
`);
});

test('an UPDATE', () => {
  const octets = updateOf(
    '18c63364 20c0000205',
    `4001 01 00  4002 0a 0202 0000fbf0 fa56ea01  4003 04 c0000202
     c008 08 fbf00064 ffffff01  c020 0c 0000fbf0 00000001 00000002  c0c8 01 aa
     800e 26 0002 01 10 20010db8000000000000000000000002 00  80 20010db8000000010000000000000001`,
    '18c00002 20c6336401',
  );
  const context: SessionContext = {
    ...OPENING_SESSION,
    fourOctetAsn: true,
    families: ['ipv4-unicast', 'ipv6-unicast'],
  };
  expect(table(octets, context)).toBe(`
19+2 Withdrawn Routes Length: 9
21+9 Withdrawn Routes: 9 octets
21+4   NLRI: 198.51.100.0/24
25+5   NLRI: 192.0.2.5/32
30+2 Total Path Attribute Length: 95
32+95 Path Attributes: 95 octets
32+4   ORIGIN: igp
32+1     Attribute Flags: 0x40 (transitive)
33+1     Attribute Type Code: 1 (ORIGIN)
34+1     Attribute Length: 1
35+1     Attribute Value: igp
36+13   AS_PATH: 64496 4200000001
36+1     Attribute Flags: 0x40 (transitive)
37+1     Attribute Type Code: 2 (AS_PATH)
38+1     Attribute Length: 10
39+1     Path Segment Type: 2 (AS_SEQUENCE)
40+1     Path Segment Length: 2
41+4     AS Number: 64496
45+4     AS Number: 4200000001
49+7   NEXT_HOP: 192.0.2.2
49+1     Attribute Flags: 0x40 (transitive)
50+1     Attribute Type Code: 3 (NEXT_HOP)
51+1     Attribute Length: 4
52+4     Attribute Value: 192.0.2.2
56+11   COMMUNITIES: 64496:100 NO_EXPORT
56+1     Attribute Flags: 0xc0 (optional, transitive)
57+1     Attribute Type Code: 8 (COMMUNITIES)
58+1     Attribute Length: 8
59+8     Attribute Value: 64496:100 NO_EXPORT
67+15   LARGE_COMMUNITY: 64496:1:2
67+1     Attribute Flags: 0xc0 (optional, transitive)
68+1     Attribute Type Code: 32 (LARGE_COMMUNITY)
69+1     Attribute Length: 12
70+12     Attribute Value: 64496:1:2
82+4   attribute 200: aa
82+1     Attribute Flags: 0xc0 (optional, transitive)
83+1     Attribute Type Code: 200 (attribute 200)
84+1     Attribute Length: 1
85+1     Attribute Value: aa
86+41   MP_REACH_NLRI: 1 prefix by 2001:db8::2
86+1     Attribute Flags: 0x80 (optional)
87+1     Attribute Type Code: 14 (MP_REACH_NLRI)
88+1     Attribute Length: 38
89+2     AFI: 2 (IPv6)
91+1     SAFI: 1 (unicast)
92+1     Length of Next Hop: 16
93+16     Next Hop: 2001:db8::2
109+1     Reserved: 0
110+17     NLRI: 2001:db8:0:1::1/128
127+9 Network Layer Reachability Information: 9 octets
127+4   NLRI: 192.0.2.0/24
131+5   NLRI: 198.51.100.1/32
`);
});

test('path identifiers (RFC 7911) stand in front of their prefixes', () => {
  const octets = updateOf('', '4001 01 00  4002 00  4003 04 c0000202', '00000007 20c0000201');
  expect(table(octets, { ...OPENING_SESSION, addPathReceive: ['ipv4-unicast'] })).toContain(`
37+9 Network Layer Reachability Information: 9 octets
37+4   Path Identifier: 7
41+5   NLRI: 192.0.2.1/32
`);
});

test('a ROUTE-REFRESH', () => {
  expect(table(encodeRouteRefresh({ afi: 2, safi: 1, subtype: 1 }))).toBe(`
19+2 AFI: 2 (IPv6)
21+1 Message Subtype: 1 (BoRR)
22+1 SAFI: 1 (unicast)
`);
});

describe('a NOTIFICATION', () => {
  test('with a shutdown communication', () => {
    const data = shutdownCommunication('bye');
    expect(table(encodeNotification({ errorCode: 6, errorSubcode: 2, data }))).toBe(`
19+1 Error Code: 6 (Cease)
20+1 Error Subcode: 2 (Administrative Shutdown)
21+4 Data: "bye"
21+1   Shutdown Communication Length: 3
22+3   Shutdown Communication: "bye"
`);
  });

  test('that is a Hard Reset', () => {
    expect(table(messageOf(3, '06 09 02 06 0001'))).toBe(`
19+1 Error Code: 6 (Cease)
20+1 Error Subcode: 9 (Hard Reset)
21+4 Data: the NOTIFICATION that the Hard Reset stands for
21+1   Error Code: 2 (OPEN Message Error)
22+1   Error Subcode: 6 (Unacceptable Hold Time)
23+2   Data: hold time 1
`);
  });
});

describe('what is wrong stands where it is', () => {
  test.for<[name: string, octets: Uint8Array, line: string]>([
    ['nothing', new Uint8Array(), '0+0 End of the message:  !! a message has at least 19 octets, got 0'],
    ['a marker', encodeKeepalive().with(3, 0), `0+16 Marker: ffffff00${'ff'.repeat(12)} !! the marker is not all ones`],
    ['a length', encodeKeepalive().with(17, 20), '16+2 Length: 20 !! a KEEPALIVE has 19 octets, its length says 20'],
    ['a type', encodeKeepalive().with(18, 9), '18+1 Type: 9 !! no message has the type 9'],
    ['a hold time', messageOf(1, '04 fbf0 0002 c0000201 00'), '22+2 Hold Time: 2 s !! expected a hold time of 0'],
    [
      'an optional parameter that is unknown',
      messageOf(1, '04 fbf0 0000 c0000201 04 c8 02 0102'),
      '29+4   Optional Parameter: 200 !! expected an optional parameter of type 2',
    ],
    [
      'a capability that goes beyond its parameter',
      messageOf(1, '04 fbf0 0000 c0000201 06 02 04 02 00 46 09'),
      '33+2     Capability: 4609 !! a capability does not end with its parameter',
    ],
    [
      'an attribute',
      updateOf('', '4001 01 05  4002 00  4003 04 c0000202', '18c00002'),
      '26+1     Attribute Value: 05 !! undefined ORIGIN 5',
    ],
    [
      'attributes without an end',
      updateOf('', '4001 01 00  4002 00  4003 04 c00002', '18c00002'),
      '30+6   Path Attribute: 400304c00002 !! NEXT_HOP of 4 octets goes beyond',
    ],
    [
      'a prefix',
      updateOf('', '4001 01 00  4002 00  4003 04 c0000202', '21c000020001'),
      '37+6   NLRI: 21c000020001 !! a prefix',
    ],
  ])('%s', ([, octets, line]) => {
    expect(table(octets)).toContain(`\n${line}`);
  });
});

test.for(capturedOpens)('nothing is wrong with $source', ({ octets }) => {
  expect(explainMessage(octets, OPENING_SESSION).filter((field) => field.failure !== undefined)).toEqual([]);
});

test('whatever the octets are, each is explained once, inside of what it belongs to, and what is wrong is marked', () => {
  fc.assert(
    fc.property(hostile, context, (octets, session) => {
      const fields = explainMessage(octets, session);
      const outer = [{ end: octets.length, start: 0, next: 0 }];
      const leave = (depth: number): void => {
        // What has fields inside of it has nothing else.
        for (const { start, end, next } of outer.splice(depth)) expect([start, end]).toContain(next);
      };
      for (const { offset, length, depth, value } of fields) {
        leave(depth + 1);
        const parent = outer[depth];
        if (parent === undefined) throw new Error(`nothing is around a field of depth ${depth}`);
        // The octets of one depth follow each other without a gap.
        expect(offset).toBe(parent.next);
        expect(offset + length).toBeLessThanOrEqual(parent.end);
        parent.next = offset + length;
        outer.push({ end: offset + length, start: offset, next: offset });
        expect(value).not.toMatch(/\p{Cc}/u);
      }
      expect(outer[0]?.next).toBe(octets.length);
      leave(0);
      const result = decodeMessage(octets, session);
      const sound = result.ok && (result.value.type !== 'update' || result.value.failures.length === 0);
      expect(fields.some((field) => field.failure !== undefined)).toBe(!sound);
    }),
    { numRuns: 1000 },
  );
});
