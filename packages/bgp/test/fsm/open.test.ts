import { describe, expect, test } from 'vitest';
import type { NegotiatedSession, PeerFsmConfig, PeerFsmEffect } from '../../src/fsm/vocabulary.ts';
import type { Capability } from '../../src/messages/capability.ts';
import type { OpenMessage } from '../../src/messages/message.ts';
import { CONFIG, createPeerLab, FIRST_INCOMING, PEER_OPEN } from './peer-lab.ts';

const IPV4: Capability = { type: 'multiprotocol', afi: 1, safi: 1 };
const IPV6: Capability = { type: 'multiprotocol', afi: 2, safi: 1 };

function answerTo(open: Partial<OpenMessage>, config: Partial<PeerFsmConfig> = {}): readonly PeerFsmEffect[] {
  const lab = createPeerLab(config);
  lab.reach('OpenSent');
  return lab.effectsOf({ type: 'MessageReceived', connection: 1, message: { ...PEER_OPEN, ...open } });
}

function sessionOf(effects: readonly PeerFsmEffect[]): NegotiatedSession | undefined {
  return effects.find((effect) => effect.type === 'negotiated')?.session;
}

function notificationOf(effects: readonly PeerFsmEffect[]): string | undefined {
  for (const effect of effects) {
    if (effect.type !== 'send' || effect.message.type !== 'notification') continue;
    const { errorCode, errorSubcode, data } = effect.message;
    return `${errorCode}/${errorSubcode} ${[...data].map((octet) => octet.toString(16).padStart(2, '0')).join('')}`.trim();
  }
  return undefined;
}

describe("the peer's OPEN: RFC 4271, section 6.2", () => {
  const asn = (number: number): Partial<OpenMessage> => ({
    myAutonomousSystem: number > 0xffff ? 23_456 : number,
    capabilities: [{ type: 'four-octet-asn', asn: number }],
  });
  test.for<[name: string, open: Partial<OpenMessage>, config: Partial<PeerFsmConfig>, answer: string | undefined]>([
    ['another AS number', asn(64_999), {}, '2/2 fde7'],
    ['another AS number of four octets', asn(4_200_000_000), {}, '2/2 fa56ea00'],
    ['AS 0 (RFC 7607)', asn(0), { peerAsn: 'external' }, '2/2 0000'],
    [
      'AS_TRANS alone where four octets are expected',
      { myAutonomousSystem: 23_456, capabilities: [] },
      { peerAsn: 4_200_000_000 },
      '2/2 5ba0',
    ],
    ['AS_TRANS with the number expected', asn(4_200_000_000), { peerAsn: 4_200_000_000 }, undefined],
    ['our AS number, where it must be', asn(64_512), { peerAsn: 'internal' }, undefined],
    ['another AS number, where it must be ours', asn(64_513), { peerAsn: 'internal' }, '2/2 fc01'],
    ['another AS number, where it must not be ours', asn(64_513), { peerAsn: 'external' }, undefined],
    ['our AS number, where it must not be', asn(64_512), { peerAsn: 'external' }, '2/2 fc00'],
    [
      'our identifier, of an internal peer (RFC 6286)',
      { ...asn(64_512), bgpIdentifier: '192.0.2.1' },
      { peerAsn: 'internal' },
      '2/3 c0000201',
    ],
    ['our identifier, of an external peer', { bgpIdentifier: '192.0.2.1' }, {}, undefined],
    ['no identifier', { bgpIdentifier: '0.0.0.0' }, {}, '2/3 00000000'],
    ['a hold time of 2 s', { holdTimeSeconds: 2 }, {}, '2/6 0002'],
    // RFC 4760, section 8: who says nothing about families has IPv4 unicast.
    ['no families, and IPv4 is wanted', { capabilities: [] }, {}, undefined],
    ['no families, and only IPv6 is wanted', { capabilities: [] }, { capabilities: [IPV6] }, '2/7 010400020001'],
    ['another family than is wanted', { capabilities: [IPV6] }, { capabilities: [IPV4] }, '2/7 010400010001'],
  ])('%s', ([, open, config, answer]) => {
    const effects = answerTo(open, config);
    expect(notificationOf(effects)).toBe(answer);
    expect(sessionOf(effects) === undefined).toBe(answer !== undefined);
  });

  test('people are told what was expected', () => {
    expect(answerTo({ myAutonomousSystem: 64_999, capabilities: [] })).toContainEqual(
      expect.objectContaining({
        type: 'attemptFailed',
        end: expect.objectContaining({
          text: 'OPEN Message Error/Bad Peer AS (2/2): AS 64999: the peer has AS 64999, expected 64513',
        }),
      }),
    );
  });
});

describe('an OPEN that is held back has the identifier of its own connection', () => {
  const identifiersOf = (effects: readonly PeerFsmEffect[]): readonly string[] =>
    effects.flatMap((effect) =>
      effect.type === 'send' && effect.message.type === 'open'
        ? [`${effect.connection - FIRST_INCOMING} ${effect.message.bgpIdentifier}`]
        : [],
    );
  const called = () => {
    const lab = createPeerLab({ passive: true, delayOpenTimeMs: 5_000 });
    lab.take({ type: 'ManualStart' });
    lab.take({ type: 'TcpConnectionConfirmed', connection: FIRST_INCOMING });
    lab.config = { ...lab.config, bgpIdentifier: '192.0.2.99' };
    lab.take({ type: 'TcpConnectionConfirmed', connection: FIRST_INCOMING + 1 });
    return lab;
  };

  test('when the DelayOpenTimer expires', () => {
    const lab = called();
    lab.nowMs += 5_000;
    expect(identifiersOf(lab.effectsOf({ type: 'TimerExpires' }))).toEqual(['0 192.0.2.1', '1 192.0.2.99']);
  });

  test("when the peer's comes earlier", () => {
    const opened = called().effectsOf({ type: 'MessageReceived', connection: FIRST_INCOMING, message: PEER_OPEN });
    expect(identifiersOf(opened)).toEqual(['0 192.0.2.1']);
  });
});

describe('what both sides agree on', () => {
  const between = (
    local: readonly Capability[],
    peer: readonly Capability[],
  ): NegotiatedSession['context'] | undefined =>
    sessionOf(answerTo({ capabilities: peer }, { capabilities: local }))?.context;

  test('nothing but IPv4 with a peer that offers nothing', () => {
    expect(between([IPV4, IPV6, { type: 'four-octet-asn', asn: 64_512 }, { type: 'extended-message' }], [])).toEqual({
      fourOctetAsn: false,
      extendedMessage: false,
      addPathReceive: [],
      extendedNextHop: false,
      internal: false,
      families: ['ipv4-unicast'],
    });
  });

  test('everything that both have', () => {
    const all = (asn: number): readonly Capability[] => [
      IPV4,
      IPV6,
      { type: 'four-octet-asn', asn },
      { type: 'extended-message' },
      { type: 'extended-next-hop', families: [{ afi: 1, safi: 1, nextHopAfi: 2 }] },
      { type: 'add-path', families: [{ afi: 1, safi: 1, send: true, receive: true }] },
    ];
    expect(between(all(64_512), all(64_513))).toEqual({
      fourOctetAsn: true,
      extendedMessage: true,
      addPathReceive: ['ipv4-unicast'],
      extendedNextHop: true,
      internal: false,
      families: ['ipv4-unicast', 'ipv6-unicast'],
    });
  });

  test('path identifiers only of a peer that sends them: RFC 7911, section 4', () => {
    const offers = (send: boolean, receive: boolean): readonly Capability[] => [
      IPV4,
      { type: 'add-path', families: [{ afi: 1, safi: 1, send, receive }] },
    ];
    expect(between(offers(false, true), offers(false, true))?.addPathReceive).toEqual([]);
    expect(between(offers(true, false), offers(true, false))?.addPathReceive).toEqual([]);
    expect(between(offers(false, true), offers(true, false))?.addPathReceive).toEqual(['ipv4-unicast']);
  });

  test('route refresh, and the enhanced one', () => {
    const refresh: readonly Capability[] = [IPV4, { type: 'route-refresh' }, { type: 'enhanced-route-refresh' }];
    expect(sessionOf(answerTo({ capabilities: refresh }, { capabilities: refresh }))).toMatchObject({
      routeRefresh: true,
      enhancedRouteRefresh: true,
    });
    expect(sessionOf(answerTo({ capabilities: refresh }, { capabilities: [IPV4] }))).toMatchObject({
      routeRefresh: false,
      enhancedRouteRefresh: false,
    });
  });
});

describe('a peer that refuses what is offered', () => {
  function take(lab: ReturnType<typeof createPeerLab>, errorSubcode: number): readonly PeerFsmEffect[] {
    const { connection } = lab;
    const message = { type: 'notification', errorCode: 2, errorSubcode, data: new Uint8Array(0) } as const;
    return lab.effectsOf({ type: 'MessageReceived', connection, message });
  }
  /** What the next OPEN offers. */
  function offeredNext(lab: ReturnType<typeof createPeerLab>): readonly string[] {
    lab.pass(Math.max(0, (lab.state.wakeAtMs ?? 0) - lab.nowMs));
    const [sent] = lab.effectsOf({ type: 'TcpConnectionAcked', connection: lab.connection });
    return sent?.type === 'send' && sent.message.type === 'open'
      ? sent.message.capabilities.map(({ type }) => type)
      : [];
  }

  test.for([0, 4, 7])(
    'with 2/%i is offered families and the AS number, then nothing, then all again',
    (errorSubcode) => {
      const lab = createPeerLab();
      lab.reach('OpenSent');
      expect(take(lab, errorSubcode)).toContainEqual({
        type: 'capabilitiesReduced',
        offered: [IPV4, { type: 'four-octet-asn', asn: 64_512 }],
      });
      expect(offeredNext(lab)).toEqual(['multiprotocol', 'four-octet-asn']);
      expect(take(lab, errorSubcode)).toContainEqual({ type: 'capabilitiesReduced', offered: [] });
      expect(offeredNext(lab)).toEqual([]);
      expect(take(lab, errorSubcode).map(({ type }) => type)).not.toContain('capabilitiesReduced');
      expect(offeredNext(lab)).toEqual(['multiprotocol', 'route-refresh', 'four-octet-asn']);
    },
  );

  test('is offered all again after an hour, and when the configuration changes', () => {
    for (const changed of [false, true]) {
      const lab = createPeerLab();
      lab.reach('OpenSent');
      take(lab, 7);
      if (changed) lab.config = { ...lab.config, capabilities: [...CONFIG.capabilities] };
      else lab.nowMs += 3_600_000;
      expect(offeredNext(lab)).toHaveLength(3);
    }
  });

  test('is not offered nothing where IPv4 is not wanted: that would be IPv4 alone', () => {
    const lab = createPeerLab({ capabilities: [IPV6] });
    lab.reach('OpenSent');
    expect(take(lab, 7).map(({ type }) => type)).not.toContain('capabilitiesReduced');
  });

  test('with another error keeps all', () => {
    const lab = createPeerLab();
    lab.reach('OpenSent');
    take(lab, 2);
    expect(offeredNext(lab)).toHaveLength(3);
  });
});

test('an AS number of four octets stands in the capability, and AS_TRANS in the field', () => {
  const asn = 4_200_000_000;
  const lab = createPeerLab({ localAsn: asn, capabilities: [{ type: 'four-octet-asn', asn }] });
  lab.reach('Connect');
  expect(lab.effectsOf({ type: 'TcpConnectionAcked', connection: 1 })).toContainEqual({
    type: 'send',
    connection: 1,
    message: {
      type: 'open',
      version: 4,
      myAutonomousSystem: 23_456,
      holdTimeSeconds: 90,
      bgpIdentifier: '192.0.2.1',
      capabilities: [{ type: 'four-octet-asn', asn }],
    },
  });
});
