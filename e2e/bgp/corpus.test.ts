import { fileURLToPath } from 'node:url';
import { describeLab } from '@steelyard/testkit/vitest';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { MALFORMED_MESSAGES, MALFORMED_OPENS, SOUND_OPENS } from './corpus-messages.ts';
import { HOSTILE_ASN, type HostileLab, NODE_ASN, openHostileLab, SOON } from './hostile-lab.ts';
import { listenScripted, type ScriptedPeer, type ScriptedRouter } from './scripted-peer.ts';
import { hex, keepalive, type OpenFields, update } from './scripted-peer-octets.ts';

/** What the tables of the decoder's own tests say; here the same octets go over a wire. */
interface Attributes {
  readonly MALFORMED_ATTRIBUTES: readonly (readonly [
    rfc: string,
    what: string,
    context: Readonly<Record<string, unknown>>,
    octets: string,
    scope: 'session' | 'withdraw' | 'discard',
    subcode: number,
    at: number,
    data: 'attribute' | 'nothing',
  ])[];
}
const folder = new URL('../../packages/bgp/test/update/', import.meta.url);
const { MALFORMED_ATTRIBUTES } = (await import(
  fileURLToPath(new URL('malformed-attributes.ts', folder))
)) as Attributes;

/** Three peers that one process plays: what is wrong depends on who says it. */
const PORTS = { external: 179, internal: 1179, twoOctets: 2179 } as const;
type Kind = keyof typeof PORTS;
const FAMILIES = ['01 04 0001 00 01', '01 04 0002 00 01'];
const OPENS: Readonly<Record<Kind, OpenFields>> = {
  external: { asn: HOSTILE_ASN },
  internal: { asn: NODE_ASN },
  twoOctets: { asn: HOSTILE_ASN, capabilities: FAMILIES },
};

/** Undefined for what needs a session that this speaker does not have: it takes one path of a prefix. */
function kindOf(context: Readonly<Record<string, unknown>>): Kind | undefined {
  if (String(context['addPathReceive']) !== '') return undefined;
  if (context['internal'] === true) return 'internal';
  return context['fourOctetAsn'] === true ? 'external' : 'twoOctets';
}

/** The attributes without which nothing is announced, with this one in the place of its kind, or behind. */
function withAttribute(kind: Kind, attribute: string): readonly string[] {
  const path = kind === 'twoOctets' ? '40 02 04 02 01 fc00' : '40 02 06 02 01 0000fc00';
  const localPref = kind === 'internal' ? ['40 05 04 00000064'] : [];
  const mandatory = ['40 01 01 00', path, '40 03 04 c0000201', ...localPref];
  const place = mandatory.findIndex((one) => hex(one)[1] === hex(attribute)[1]);
  return place === -1 ? [...mandatory, attribute] : mandatory.with(place, attribute);
}
const NLRI = '18 c00002';

describeLab('malformed messages over the wire', () => {
  let lab: HostileLab;
  const routers = new Map<Kind, ScriptedRouter>();
  const sessions = new Map<Kind, ScriptedPeer>();

  beforeAll(async () => {
    lab = await openHostileLab();
    const { hostile, speaker } = lab;
    for (const kind of Object.keys(PORTS) as Kind[]) {
      const port = PORTS[kind];
      const host = hostile.ipv4;
      routers.set(kind, kind === 'external' ? lab.router : await listenScripted(hostile.namespace, { host, port }));
      const families = ['ipv4-unicast', 'ipv6-unicast'] as const;
      await speaker.addPeer({ address: host, port, name: kind, asn: OPENS[kind].asn, families, ...SOON });
    }
  });
  afterAll(async () => {
    for (const router of routers.values()) await router.close();
    await lab?.close();
  });
  afterEach(() => lab.expectUndisturbed());

  const routerOf = (kind: Kind): ScriptedRouter => routers.get(kind) ?? expect.fail(`no router ${kind}`);

  /** The session that there is, or the next one. */
  async function session(kind: Kind): Promise<ScriptedPeer> {
    const now = sessions.get(kind);
    if (now !== undefined && !now.closed) return now;
    const peer = await routerOf(kind).greeted(OPENS[kind]);
    sessions.set(kind, peer);
    await lab.speaker.until(kind, 'Established', ({ state }) => state === 'Established');
    return peer;
  }

  test('each is answered with its NOTIFICATION, and the next session comes up', async () => {
    for (const [rfc, what, octets, codes, data] of MALFORMED_MESSAGES) {
      const peer = await session('external');
      peer.say(hex(octets));
      expect([rfc, what, await peer.farewell()]).toEqual([rfc, what, { codes, data: data.replaceAll(/\s/g, '') }]);
    }
  });

  test('so is each OPEN', async () => {
    const router = routerOf('external');
    sessions.get('external')?.reset();
    sessions.delete('external');
    for (const [rfc, what, octets, codes, data] of MALFORMED_OPENS) {
      const peer = await router.next();
      peer.say(hex(octets));
      expect([rfc, what, await peer.farewell()]).toEqual([rfc, what, { codes, data: data.replaceAll(/\s/g, '') }]);
    }
    for (const [rfc, what, octets] of SOUND_OPENS) {
      const { counters } = await lab.speaker.status('external');
      const peer = await router.next();
      peer.say(hex(octets), keepalive);
      const isUp = await lab.speaker
        .until('external', what, ({ counters: now }) => now.established > counters.established)
        .then(({ state }) => state);
      expect([rfc, what, isUp, peer.notifications]).toEqual([rfc, what, 'Established', []]);
      peer.reset();
    }
  });

  test('an internal peer that has our identifier is refused', async () => {
    const router = routerOf('internal');
    const peer = await router.next();
    const { node } = lab;
    await peer.waitFor(1);
    const identifier = node.ipv4
      .split('.')
      .map((octet) => Number(octet).toString(16).padStart(2, '0'))
      .join('');
    const octets = hex(`04 fde9 005a ${identifier} 00`);
    peer.say(hex(`${'ff'.repeat(16)} 001d 01`), octets);
    expect(await peer.farewell()).toEqual({ codes: '2/3', data: identifier });
  });

  test.for(['external', 'internal', 'twoOctets'] as const)(
    'malformed attributes of the peer "%s" are treated as RFC 7606 says, each',
    async (kind) => {
      const rows = MALFORMED_ATTRIBUTES.filter(([, , context]) => kindOf(context) === kind);
      expect(rows.length).toBeGreaterThan(10);
      for (const [rfc, what, , octets, scope, subcode, , data] of rows) {
        const peer = await session(kind);
        const { counters: before } = await lab.speaker.status(kind);
        peer.say(update({ attributes: withAttribute(kind, octets), nlri: NLRI }));
        if (scope === 'session') {
          const shown = data === 'attribute' ? octets.replaceAll(/\s/g, '') : '';
          const earned = { codes: `3/${subcode}`, data: shown };
          expect([rfc, what, await peer.farewell()]).toEqual([rfc, what, earned]);
          continue;
        }
        const { state, counters: after } = await lab.speaker.until(
          kind,
          what,
          ({ counters, state: now }) => counters.received.update > before.received.update || now !== 'Established',
        );
        const came = {
          state,
          failures: after.updateFailures - before.updateFailures,
          announced: after.prefixesReceived - before.prefixesReceived,
          withdrawn: after.prefixesWithdrawn - before.prefixesWithdrawn,
        };
        const announced = scope === 'discard' ? 1 : 0;
        expect([rfc, what, came, peer.notifications]).toEqual([
          rfc,
          what,
          { state: 'Established', failures: 1, announced, withdrawn: 1 - announced },
          [],
        ]);
      }
    },
  );
});
