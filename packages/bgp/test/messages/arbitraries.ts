import fc from 'fast-check';
import type { AfiSafi } from '../../src/messages/address-family.ts';
import type { Capability } from '../../src/messages/capability.ts';
import type { NotificationMessage, OpenMessage, RouteRefreshMessage } from '../../src/messages/message.ts';
import { CAPABILITY_CODE } from '../../src/messages/open/capability-code.ts';

const uint8 = fc.nat(0xff);
const uint16 = fc.nat(0xffff);
const afiSafi: fc.Arbitrary<AfiSafi> = fc.record({ afi: uint16, safi: uint8 });

/** Families with what a capability says of each. */
function families<Extra>(extra: fc.Arbitrary<Extra>, maxLength = 8): fc.Arbitrary<(AfiSafi & Extra)[]> {
  return fc.array(
    fc.tuple(afiSafi, extra).map(([family, more]) => ({ ...family, ...more })),
    { maxLength },
  );
}

/** Text of which `maxOctets` octets of UTF-8 hold all: no halves of surrogate pairs. */
function text(maxOctets: number): fc.Arbitrary<string> {
  return fc
    .string({ unit: 'binary', maxLength: maxOctets >> 2 })
    .filter((candidate) => candidate.isWellFormed() && new TextEncoder().encode(candidate).length <= maxOctets);
}

const known = new Set<number>(Object.values(CAPABILITY_CODE));

/** Any capability that can be written; unknown ones have codes that this package does not know. */
const capability: fc.Arbitrary<Capability> = fc.oneof(
  afiSafi.map((family): Capability => ({ type: 'multiprotocol', ...family })),
  fc.constantFrom<Capability>(
    { type: 'route-refresh' },
    { type: 'extended-message' },
    { type: 'enhanced-route-refresh' },
    { type: 'cisco-route-refresh' },
  ),
  fc
    .array(fc.record({ afi: uint16, safi: uint16, nextHopAfi: uint16 }), { maxLength: 42 })
    .map((entries): Capability => ({ type: 'extended-next-hop', families: entries })),
  uint8.map((role): Capability => ({ type: 'role', role })),
  fc
    .record({
      restarting: fc.boolean(),
      notification: fc.boolean(),
      restartTimeSeconds: fc.nat(0xfff),
      families: families(fc.record({ forwardingPreserved: fc.boolean() }), 63),
    })
    .map((fields): Capability => ({ type: 'graceful-restart', ...fields })),
  fc.integer({ min: 1, max: 0xffff_ffff }).map((asn): Capability => ({ type: 'four-octet-asn', asn })),
  families(
    fc.constantFrom({ send: true, receive: true }, { send: true, receive: false }, { send: false, receive: true }),
    63,
  ).map((entries): Capability => ({ type: 'add-path', families: entries })),
  families(fc.record({ forwardingPreserved: fc.boolean(), staleTimeSeconds: fc.nat(0xff_ffff) }), 36).map(
    (entries): Capability => ({ type: 'long-lived-graceful-restart', families: entries }),
  ),
  fc.record({ hostName: text(126), domainName: text(126) }).map((fields): Capability => ({ type: 'fqdn', ...fields })),
  text(254).map((version): Capability => ({ type: 'software-version', version })),
  fc
    .record({ code: uint8.filter((code) => !known.has(code)), value: fc.uint8Array({ maxLength: 255 }) })
    .map((fields): Capability => ({ type: 'unknown', ...fields })),
);

/** Any OPEN that may be sent; those with many capabilities need RFC 9072. */
export const open: fc.Arbitrary<OpenMessage> = fc.record({
  type: fc.constant('open' as const),
  version: fc.constant(4),
  myAutonomousSystem: fc.integer({ min: 1, max: 0xffff }),
  holdTimeSeconds: fc.oneof(fc.constant(0), fc.integer({ min: 3, max: 0xffff })),
  bgpIdentifier: fc.ipV4().filter((address) => address !== '0.0.0.0'),
  capabilities: fc.array(capability, { maxLength: 12 }),
});

/** Any NOTIFICATION. */
export const notification: fc.Arbitrary<NotificationMessage> = fc.record({
  type: fc.constant('notification' as const),
  errorCode: fc.oneof(fc.nat(9), uint8),
  errorSubcode: fc.oneof(fc.nat(11), uint8),
  data: fc.uint8Array({ maxLength: 300 }),
});

/** Any ROUTE-REFRESH. */
export const routeRefresh: fc.Arbitrary<RouteRefreshMessage> = fc.record({
  type: fc.constant('route-refresh' as const),
  afi: uint16,
  safi: uint8,
  subtype: uint8,
});
