import { createOctetWriter } from '@steelyard/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as arbitrary from '../../../test/messages/arbitraries.ts';
import { messageOf, octetsOf } from '../../../test/messages/octets-of.ts';
import { type CapturedOpen, capturedOpens } from '../../../test/messages/opens.ts';
import type { Capability } from '../capability.ts';
import type { OpenMessage } from '../message.ts';
import { asnOf, myAutonomousSystemOf } from './autonomous-system.ts';
import { decodeOpen } from './decode-open.ts';
import { writeCapability } from './encode-capability.ts';
import { encodeOpen } from './encode-open.ts';

const read = (octets: Uint8Array): OpenMessage => {
  const result = decodeOpen(octets);
  if (!result.ok) throw new Error(result.failure.message);
  return result.value;
};

const plain: OpenMessage = {
  type: 'open',
  version: 4,
  myAutonomousSystem: 64_512,
  holdTimeSeconds: 90,
  bgpIdentifier: '192.0.2.1',
  capabilities: [],
};

const hexOf = (capability: Capability): string => {
  const writer = createOctetWriter();
  writeCapability(writer, capability);
  return Buffer.from(writer.finish()).toString('hex');
};

const captured = (source: string): CapturedOpen => {
  const found = capturedOpens.find((open) => open.source.startsWith(source));
  if (found === undefined) throw new Error(`no OPEN of ${source}`);
  return found;
};

const IPV4 = { afi: 1, safi: 1 };
const IPV6 = { afi: 2, safi: 1 };

describe('OPENs of other implementations', () => {
  test('FRR puts each capability into a parameter of its own', () => {
    expect(read(captured('FRR 8.4.4: AS').octets)).toEqual({
      ...plain,
      myAutonomousSystem: 23_456,
      holdTimeSeconds: 180,
      bgpIdentifier: '192.0.2.2',
      capabilities: [
        { type: 'multiprotocol', ...IPV4 },
        { type: 'multiprotocol', ...IPV6 },
        { type: 'cisco-route-refresh' },
        { type: 'route-refresh' },
        { type: 'enhanced-route-refresh' },
        { type: 'four-octet-asn', asn: 4_200_000_001 },
        { type: 'extended-message' },
        { type: 'role', role: 3 },
        {
          type: 'add-path',
          families: [
            { ...IPV4, send: true, receive: true },
            { ...IPV6, send: true, receive: true },
          ],
        },
        { type: 'fqdn', hostName: 'router', domainName: 'example.org' },
        {
          type: 'graceful-restart',
          restarting: true,
          notification: true,
          restartTimeSeconds: 60,
          families: [
            { ...IPV4, forwardingPreserved: false },
            { ...IPV6, forwardingPreserved: false },
          ],
        },
        {
          type: 'long-lived-graceful-restart',
          families: [
            { ...IPV4, forwardingPreserved: true, staleTimeSeconds: 3600 },
            { ...IPV6, forwardingPreserved: true, staleTimeSeconds: 3600 },
          ],
        },
      ] satisfies Capability[],
    });
  });

  test('BIRD puts all into one', () => {
    expect(read(captured('BIRD 2.0.12: AS').octets).capabilities).toEqual([
      { type: 'multiprotocol', ...IPV4 },
      { type: 'multiprotocol', ...IPV6 },
      { type: 'route-refresh' },
      { type: 'extended-next-hop', families: [{ ...IPV4, nextHopAfi: 2 }] },
      { type: 'extended-message' },
      {
        type: 'graceful-restart',
        restarting: false,
        notification: false,
        restartTimeSeconds: 120,
        families: [
          { ...IPV4, forwardingPreserved: false },
          { ...IPV6, forwardingPreserved: false },
        ],
      },
      { type: 'four-octet-asn', asn: 4_200_000_001 },
      {
        type: 'add-path',
        families: [
          { ...IPV4, send: true, receive: true },
          { ...IPV6, send: false, receive: true },
        ],
      },
      { type: 'enhanced-route-refresh' },
      {
        type: 'long-lived-graceful-restart',
        families: [
          { ...IPV4, forwardingPreserved: false, staleTimeSeconds: 3600 },
          { ...IPV6, forwardingPreserved: false, staleTimeSeconds: 3600 },
        ],
      },
    ] satisfies Capability[]);
  });

  test.for(capturedOpens)('of what is read of it the same capabilities are written: $source', ({ octets }) => {
    const { capabilities, ...fields } = read(octets);
    const written = capabilities.map((capability) => hexOf(capability));
    // The captured octets without the heads of their parameters, which are 02 and a length.
    const found: string[] = [];
    for (let at = 29; at < octets.length; at += 2 + (octets[at + 1] ?? 0)) {
      found.push(Buffer.from(octets.subarray(at + 2, at + 2 + (octets[at + 1] ?? 0))).toString('hex'));
    }
    expect(written.join('')).toBe(found.join(''));
    expect(encodeOpen({ ...fields, capabilities }).subarray(19, 28)).toEqual(octets.subarray(19, 28));
  });

  test.for(capturedOpens)('no capability of it is unreadable that this package knows: $source', ({ octets }) => {
    const codes = read(octets).capabilities.flatMap((found) => (found.type === 'unknown' ? [found.code] : []));
    // ExaBGP's operational, and multi-session before and after it had a number.
    for (const code of codes) expect([185, 131, 68]).toContain(code);
  });
});

describe('writing', () => {
  test('RFC 4271, section 4.2: no capabilities, no optional parameters', () => {
    expect(encodeOpen(plain)).toEqual(messageOf(1, '04 fc00 005a c0000201 00'));
  });

  test('RFC 5492, section 4: all capabilities in one parameter', () => {
    const open = encodeOpen({
      ...plain,
      capabilities: [{ type: 'route-refresh' }, { type: 'four-octet-asn', asn: 64_512 }],
    });
    expect(open).toEqual(messageOf(1, '04 fc00 005a c0000201 0a 02 08 0200 4104 0000fc00'));
  });

  test.for<[octets: number, extended: boolean]>([
    [253, false],
    [254, true],
    [255, true],
  ])('RFC 9072: %i octets of capabilities are told in the long form: %j', ([octets, extended]) => {
    const capabilities: Capability[] = [{ type: 'unknown', code: 200, value: new Uint8Array(octets - 2) }];
    const written = encodeOpen({ ...plain, capabilities });
    const length = octets.toString(16).padStart(4, '0');
    const head = extended
      ? `ff ff ${(octets + 3).toString(16).padStart(4, '0')} 02 ${length}`
      : `ff 02 ${length.slice(2)}`;
    expect(Buffer.from(written.subarray(28, 28 + octetsOf(head).length))).toEqual(Buffer.from(octetsOf(head)));
    expect(read(written).capabilities).toEqual(capabilities);
  });

  const role = (value: number): Capability => ({ type: 'role', role: value });
  test.for<[name: string, open: Partial<OpenMessage>]>([
    ['another version', { version: 3 }],
    ['AS 0', { myAutonomousSystem: 0 }],
    ['an AS number of four octets in the field of two', { myAutonomousSystem: 65_536 }],
    ['AS 0 in four octets', { capabilities: [{ type: 'four-octet-asn', asn: 0 }] }],
    ['a hold time of 2', { holdTimeSeconds: 2 }],
    ['a hold time with a fraction', { holdTimeSeconds: 3.5 }],
    ['the identifier 0.0.0.0', { bgpIdentifier: '0.0.0.0' }],
    ['a role of two octets', { capabilities: [role(256)] }],
    [
      'a restart time of 13 bits',
      {
        capabilities: [
          { type: 'graceful-restart', restarting: false, notification: false, restartTimeSeconds: 4096, families: [] },
        ],
      },
    ],
    ['a text of 256 octets', { capabilities: [{ type: 'software-version', version: 'x'.repeat(256) }] }],
    [
      'two texts that do not fit',
      { capabilities: [{ type: 'fqdn', hostName: 'x'.repeat(200), domainName: 'y'.repeat(54) }] },
    ],
    ['a message of more than 4,096 octets', { capabilities: Array.from({ length: 1400 }, () => role(1)) }],
  ])('%s is the caller’s mistake', ([, part]) => {
    expect(() => encodeOpen({ ...plain, ...part })).toThrow(RangeError);
  });

  test.for<[name: string, open: Partial<OpenMessage>]>([
    ['an identifier that is no IPv4 address', { bgpIdentifier: '2001:db8::1' }],
    [
      'ADD-PATH in no direction',
      { capabilities: [{ type: 'add-path', families: [{ ...IPV4, send: false, receive: false }] }] },
    ],
  ])('%s is the caller’s mistake', ([, part]) => {
    expect(() => encodeOpen({ ...plain, ...part })).toThrow(TypeError);
  });
});

describe('what cannot be read of a known capability is kept as it came', () => {
  test.for<[name: string, hex: string, code: number, value: string]>([
    ['MULTIPROTOCOL of three octets', '01 03 000100', 1, '000100'],
    ['ROUTE-REFRESH with a value', '02 01 00', 2, '00'],
    ['EXTENDED-NEXT-HOP of half a family', '05 03 000100', 5, '000100'],
    ['ROLE of two octets', '09 02 0000', 9, '0000'],
    ['GRACEFUL-RESTART of one octet', '40 01 00', 64, '00'],
    ['GRACEFUL-RESTART with half a family', '40 04 0078 0001', 64, '00780001'],
    ['ADD-PATH of direction 0', '45 04 00010100', 69, '00010100'],
    ['LLGR of half a family', '47 03 000101', 71, '000101'],
    ['FQDN with octets behind it', '49 03 000000', 73, '000000'],
    ['FQDN in Latin-1', '49 03 01e900', 73, '01e900'],
    ['a version that ends early', '4b 02 0241', 75, '0241'],
  ])('%s', ([, hex, code, value]) => {
    const length = octetsOf(hex).length;
    const two = (octet: number): string => octet.toString(16).padStart(2, '0');
    const open = read(messageOf(1, `04 fc00 005a c0000201 ${two(length + 2)} 02 ${two(length)} ${hex}`));
    expect(open.capabilities).toEqual([{ type: 'unknown', code, value: octetsOf(value) }]);
  });

  test('its octets are a copy: the message may be written over', () => {
    const octets = messageOf(1, '04 fc00 005a c0000201 05 02 03 c8 01 aa');
    const { capabilities } = read(octets);
    octets.fill(0);
    expect(capabilities).toEqual([{ type: 'unknown', code: 200, value: Uint8Array.of(0xaa) }]);
  });
});

test('decoding undoes encoding, in both forms of the optional parameters', () => {
  const lengths = { short: 0, long: 0 };
  fc.assert(
    fc.property(arbitrary.open, (open) => {
      const octets = encodeOpen(open);
      lengths[octets.length > 29 + 255 ? 'long' : 'short']++;
      expect(read(octets)).toEqual(open);
    }),
    { numRuns: 500 },
  );
  expect(lengths.short).toBeGreaterThan(0);
  expect(lengths.long).toBeGreaterThan(0);
});

describe('RFC 6793: the AS number of who opens', () => {
  test('is that of the capability, wherever it stands', () => {
    const capabilities: Capability[] = [{ type: 'route-refresh' }, { type: 'four-octet-asn', asn: 4_200_000_001 }];
    expect(asnOf({ myAutonomousSystem: 23_456, capabilities })).toBe(4_200_000_001);
  });

  test('is that of the field, where there is no capability', () => {
    expect(asnOf({ myAutonomousSystem: 64_512, capabilities: [{ type: 'route-refresh' }] })).toBe(64_512);
  });

  test.for([
    [1, 1],
    [65_535, 65_535],
    [65_536, 23_456],
    [4_294_967_295, 23_456],
  ])('AS %i has %i in the field', ([asn, field]) => {
    expect(myAutonomousSystemOf(asn as number)).toBe(field);
  });
});
