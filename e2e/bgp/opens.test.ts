import { asnOf, type Capability, decodeMessage, OPENING_SESSION, type OpenMessage } from '@steelyard/bgp';
import { nodeProgram } from '@steelyard/testkit';
import { describeLab } from '@steelyard/testkit/vitest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ALL, type Kind, startDaemon } from './interop-daemons.ts';
import { type InteropHost, type InteropLab, OUR_ASN, openInteropLab } from './interop-lab.ts';

const IPV4: Capability = { type: 'multiprotocol', afi: 1, safi: 1 };

/** What each offers, in its order. What differs from host to host is left out. */
const OFFERED: Readonly<Record<Kind, readonly object[]>> = {
  frr: [
    IPV4,
    { type: 'cisco-route-refresh' },
    { type: 'route-refresh' },
    { type: 'enhanced-route-refresh' },
    { type: 'four-octet-asn', asn: 4_200_000_000 },
    { type: 'extended-message' },
    { type: 'add-path', families: [{ afi: 1, safi: 1, send: false, receive: true }] },
    { type: 'fqdn', hostName: 'frr' },
    { type: 'graceful-restart', restarting: true, notification: true, restartTimeSeconds: 120, families: [] },
    { type: 'long-lived-graceful-restart', families: [{ afi: 1, safi: 1, staleTimeSeconds: 0 }] },
  ],
  bird: [
    IPV4,
    { type: 'route-refresh' },
    { type: 'graceful-restart', restarting: false, notification: false, restartTimeSeconds: 120, families: [] },
    { type: 'four-octet-asn', asn: 4_200_000_000 },
    { type: 'enhanced-route-refresh' },
    { type: 'long-lived-graceful-restart', families: [] },
  ],
  gobgp: [
    { type: 'route-refresh' },
    { type: 'fqdn' },
    IPV4,
    { type: 'four-octet-asn', asn: 4_200_000_000 },
    { type: 'extended-next-hop', families: [{ afi: 1, safi: 1, nextHopAfi: 2 }] },
  ],
  exabgp: [IPV4, { type: 'four-octet-asn', asn: 4_200_000_000 }, { type: 'extended-message' }],
};

/** Into how many optional parameters its capabilities go. */
const PARAMETERS: Readonly<Record<Kind, number>> = { frr: 10, bird: 1, gobgp: 1, exabgp: 3 };

describeLab('the OPEN of', () => {
  let lab: InteropLab;
  beforeAll(async () => {
    lab = await openInteropLab();
  });
  afterAll(() => lab?.[Symbol.asyncDispose]());

  test.concurrent.for(ALL)('%s is read', async (kind) => {
    const host = await lab.host(kind);
    await using _daemon = await startDaemon(kind, host.namespace, {
      asn: 4_200_000_000,
      routerId: '192.0.2.7',
      holdTimeSeconds: 123,
      neighbors: [{ address: lab.ours.ipv4, asn: OUR_ASN }],
      localAddress: host.ipv4,
    });
    const octets = await openOf(host);
    const decoded = decodeMessage(octets, OPENING_SESSION);
    expect(decoded.ok).toBe(true);
    const open = (decoded.ok ? decoded.value : undefined) as OpenMessage;
    expect(open).toMatchObject({
      type: 'open',
      version: 4,
      myAutonomousSystem: 23_456,
      holdTimeSeconds: 123,
      bgpIdentifier: '192.0.2.7',
    });
    expect(asnOf(open)).toBe(4_200_000_000);
    expect(open.capabilities).toMatchObject(OFFERED[kind]);
    expect(parametersOf(octets)).toBe(PARAMETERS[kind]);
  });

  async function openOf(host: InteropHost): Promise<Uint8Array> {
    const words = [host.ipv4, String(OUR_ASN), '192.0.2.9'];
    const { namespace } = lab.ours;
    const asking = namespace.spawn(...nodeProgram(new URL('./opens-inside.ts', import.meta.url), words));
    const [, hex = ''] = (await asking.waitForLine(/^OPEN /, 20_000)).split(' ');
    await asking.stop();
    return Uint8Array.from(Buffer.from(hex, 'hex'));
  }
});

/** RFC 4271, section 4.2: behind the 19 octets of the header, 9 of fields and the length of all parameters. */
function parametersOf(octets: Uint8Array): number {
  let count = 0;
  for (let offset = 29; offset < octets.length; offset += 2 + (octets[offset + 1] ?? 0)) count += 1;
  return count;
}
