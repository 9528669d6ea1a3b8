import { describe, expect, test } from 'vitest';
import type { AdvertisementContext, Route, RouteAttributes } from '../update/route.ts';
import { createAdjRibOut } from './adj-rib-out.ts';
import type { AdjRibOut } from './vocabulary.ts';

const session: AdvertisementContext = {
  localAsn: 64_512,
  internal: false,
  fourOctetAsn: true,
  extendedMessage: false,
  families: ['ipv4-unicast'],
  nextHopIpv4: '192.0.2.10',
  nextHopIpv6: '2001:db8::10',
  nextHopLinkLocal: undefined,
  extendedNextHop: false,
};
const internalSession: AdvertisementContext = { ...session, internal: true };
const bothFamilies: AdvertisementContext = { ...session, families: ['ipv4-unicast', 'ipv6-unicast'] };
const bothFamiliesExtended: AdvertisementContext = { ...bothFamilies, extendedMessage: true };

const MARKER: string = 'ff'.repeat(16);
const EOR_IPV4 = '0017 02 0000 0000';
const EOR_IPV6 = '001d 02 0000 0006 800f03000201';
const BORR = '0017 05 0001 01 01';
const EORR = '0017 05 0001 02 01';
/** ORIGIN, AS_PATH, NEXT_HOP. */
const THREE_ATTRIBUTES = '40010100 40020602010000fc00 400304c000020a';

function without(text: string): string {
  return text.replaceAll(' ', '');
}

/** What is taken, as hex without markers. */
function take(rib: AdjRibOut, maxOctets: number = Number.POSITIVE_INFINITY): string[] {
  return rib.take(maxOctets).map((message) => Buffer.from(message).toString('hex').slice(MARKER.length));
}

function expectTaken(rib: AdjRibOut, ...messages: readonly string[]): void {
  expect(take(rib)).toEqual(messages.map(without));
  expect(rib.pending).toBe(false);
}

/** An UPDATE that announces 192.0.2.x/32, with nothing but the three attributes or with COMMUNITIES, too. */
function announcing(hosts: readonly number[], community?: number): string {
  const communities = community === undefined ? '' : `c00804 ${community.toString(16).padStart(8, '0')}`;
  const octets = 23 + 20 + (community === undefined ? 0 : 7) + 5 * hosts.length;
  const nlri = hosts.map((host) => `20c00002${host.toString(16).padStart(2, '0')}`);
  const length = community === undefined ? '0014' : '001b';
  return `${octets.toString(16).padStart(4, '0')} 02 0000 ${length} ${THREE_ATTRIBUTES} ${communities} ${nlri.join('')}`;
}

function withdrawing(hosts: readonly number[]): string {
  const octets = 5 * hosts.length;
  const nlri = hosts.map((host) => `20c00002${host.toString(16).padStart(2, '0')}`);
  return `${(23 + octets).toString(16).padStart(4, '0')} 02 ${octets.toString(16).padStart(4, '0')} ${nlri.join('')} 0000`;
}

function host(x: number): string {
  return `192.0.2.${x}/32`;
}

function routes(hosts: readonly number[], attributes?: RouteAttributes): Route[] {
  return hosts.map((x) => ({ prefix: host(x), attributes }));
}

/** A RIB whose initial routes were sent. */
function established(wanted: readonly Route[], context: AdvertisementContext = session): AdjRibOut {
  const rib = createAdjRibOut();
  rib.set(wanted);
  rib.begin(context);
  rib.take(Number.POSITIVE_INFINITY);
  return rib;
}

describe('a session begins', () => {
  test('nothing goes out before; then everything does, and End-of-RIB once behind it', () => {
    const rib = createAdjRibOut();
    rib.set(routes([1, 2]));
    expect(rib.pending).toBe(false);
    expect(take(rib)).toEqual([]);
    expect(rib.counts).toEqual({ wanted: 2, announced: 0, pending: 2 });
    rib.begin(session);
    expect(rib.pending).toBe(true);
    expect(rib.counts).toEqual({ wanted: 2, announced: 0, pending: 2 });
    expectTaken(rib, announcing([1, 2]), EOR_IPV4);
    expect(rib.counts).toEqual({ wanted: 2, announced: 2, pending: 0 });
    expectTaken(rib);
    rib.patch({ add: routes([3]) });
    expectTaken(rib, announcing([3]));
  });

  test('without routes there is still an End-of-RIB for each family that both have', () => {
    const rib = createAdjRibOut();
    rib.begin(bothFamilies);
    expect(rib.pending).toBe(true);
    expectTaken(rib, EOR_IPV4, EOR_IPV6);
  });

  test('what changes before End-of-RIB was taken goes in front of it', () => {
    const rib = createAdjRibOut();
    rib.set(routes([1, 2]));
    rib.begin(session);
    rib.patch({ add: routes([3]), remove: [host(1)] });
    expectTaken(rib, announcing([2, 3]), EOR_IPV4);
  });

  test('so does what is new, with attributes of its own', () => {
    const rib = createAdjRibOut();
    rib.set(routes([1]));
    rib.begin(session);
    rib.patch({ add: routes([2], { communities: [7] }) });
    expectTaken(rib, announcing([1]), announcing([2], 7), EOR_IPV4);
  });

  test('and another session begins with everything again', () => {
    const rib = established(routes([1, 2]));
    rib.patch({ remove: [host(1)], add: routes([3]) });
    rib.end();
    expect(rib.pending).toBe(false);
    expect(rib.counts).toEqual({ wanted: 2, announced: 0, pending: 2 });
    expectTaken(rib);
    rib.begin(internalSession);
    expectTaken(rib, '0036 02 0000 0015 40010100 400200 400304c000020a 40050400000064 20c0000202 20c0000203', EOR_IPV4);
  });

  test('though the one before was never ended', () => {
    const rib = established(routes([1]));
    rib.begin(session);
    expectTaken(rib, announcing([1]), EOR_IPV4);
  });
});

describe('what is wanted changes', () => {
  test('new attributes replace, and nothing is withdrawn', () => {
    const rib = established(routes([1, 2]));
    rib.set([...routes([1], { communities: [7] }), ...routes([2])]);
    expect(rib.counts).toEqual({ wanted: 2, announced: 2, pending: 1 });
    expectTaken(rib, announcing([1], 7));
  });

  test('what is no longer wanted is withdrawn, in front of what is new', () => {
    const rib = established(routes([1, 2, 3]));
    rib.set(routes([2, 4]));
    expect(rib.counts).toEqual({ wanted: 2, announced: 3, pending: 3 });
    expectTaken(rib, withdrawing([1, 3]), announcing([4]));
    expect(rib.counts).toEqual({ wanted: 2, announced: 2, pending: 0 });
  });

  test('many changes of a prefix go out once, in its last form', () => {
    const rib = established(routes([1]));
    for (const community of [1, 2, 3]) rib.patch({ add: routes([1], { communities: [community] }) });
    rib.patch({ remove: [host(1)] });
    rib.patch({ add: routes([1], { communities: [4] }) });
    expectTaken(rib, announcing([1], 4));
  });

  test.for<[name: string, change: (rib: AdjRibOut) => void]>([
    ['the same set', (rib): void => rib.set(routes([1, 2]))],
    ['equal attributes in another object', (rib): void => rib.set(routes([1, 2], { origin: 'igp', communities: [] }))],
    ['an empty patch', (rib): void => rib.patch({})],
    ['removing what is not there', (rib): void => rib.patch({ remove: [host(9), '2001:db8::1/128'] })],
    [
      'new, and gone before it was taken',
      (rib): void => {
        rib.patch({ add: routes([3]) });
        rib.patch({ remove: [host(3)] });
      },
    ],
    [
      'gone, and back before it was taken',
      (rib): void => {
        rib.set([]);
        rib.set(routes([1, 2]));
      },
    ],
    [
      'other attributes, and back',
      (rib): void => {
        rib.patch({ add: routes([1], { med: 1 }) });
        rib.patch({ add: routes([1]) });
      },
    ],
    ['LOCAL_PREF towards an external peer', (rib): void => rib.patch({ add: routes([1], { localPref: 200 }) })],
  ])('%s costs nothing', ([, change]) => {
    const rib = established(routes([1, 2]));
    change(rib);
    expect(rib.pending).toBe(false);
    expectTaken(rib);
    expect(rib.counts).toEqual({ wanted: 2, announced: 2, pending: 0 });
  });

  test('LOCAL_PREF towards an internal peer does', () => {
    const rib = established(routes([1]), internalSession);
    rib.patch({ add: routes([1], { localPref: 100 }) });
    expect(rib.pending).toBe(false);
    rib.patch({ add: routes([1], { localPref: 200 }) });
    expect(rib.pending).toBe(true);
  });

  test('of two routes with the same prefix the last counts; adding wins over removing', () => {
    const rib = established([]);
    rib.patch({ add: [...routes([1], { communities: [1] }), ...routes([1], { communities: [2] })], remove: [host(1)] });
    expectTaken(rib, announcing([1], 2));
  });

  test('routes with equal attributes share a message, whichever object they have', () => {
    const rib = established([]);
    rib.set([1, 2, 3].flatMap((x) => routes([x], { communities: [x === 2 ? 9 : 8, x === 2 ? 9 : 8] })));
    expectTaken(rib, announcing([1, 3], 8), announcing([2], 9));
  });

  test.for<[name: string, change: (rib: AdjRibOut) => void]>([
    ['set', (rib): void => rib.set([...routes([5]), { prefix: '192.0.2.1/24' }])],
    ['patch, adding', (rib): void => rib.patch({ remove: [host(1)], add: [...routes([5]), { prefix: '192.0.2.1' }] })],
    ['patch, removing', (rib): void => rib.patch({ add: routes([5]), remove: [host(1), 'x'] })],
    ['attributes that are none', (rib): void => rib.set(routes([5], { nextHop: 'x' }))],
  ])('%s: one bad route, and nothing changes', ([, change]) => {
    const rib = established(routes([1]));
    expect(() => change(rib)).toThrow(TypeError);
    expect(rib.counts).toEqual({ wanted: 1, announced: 1, pending: 0 });
  });
});

describe('back-pressure', () => {
  const many: Route[] = Array.from({ length: 5000 }, (_, i) => ({ prefix: `10.0.${i >> 8}.${i & 255}/32` }));

  test('no more is made than was asked for, but one message is', () => {
    const rib = createAdjRibOut();
    rib.set(many);
    rib.begin(session);
    expect(rib.take(0).map((message) => message.length)).toEqual([4093]);
    expect(rib.counts).toEqual({ wanted: 5000, announced: 810, pending: 4190 });
    expect(rib.take(5000).map((message) => message.length)).toEqual([4093, 4093]);
    // A change in between is in what follows, once.
    rib.patch({ remove: ['10.0.0.0/32', '10.0.19.0/32'] });
    expect(take(rib).map((message) => message.length / 2)).toEqual([12, 4077, 4077, 4077, 722, 7]);
    expect(rib.counts).toEqual({ wanted: 4998, announced: 4998, pending: 0 });
  });

  test('a group that is always refilled, or a family, does not hold up the others', () => {
    const rib = createAdjRibOut();
    rib.begin(bothFamilies);
    rib.take(Number.POSITIVE_INFINITY);
    rib.set([...many, ...routes([1], { communities: [7] }), { prefix: '2001:db8::1/128' }]);
    const taken: Uint8Array[] = [];
    for (let i = 0; i < 4; i += 1) {
      taken.push(...rib.take(1));
      rib.set([
        ...many.map((route) => ({ ...route, attributes: { med: i } })),
        ...routes([1], { communities: [7] }),
        { prefix: '2001:db8::1/128' },
      ]);
    }
    const short = taken.map((message) => message.length).filter((length) => length < 4000);
    expect(short.toSorted((a, b) => a - b)).toEqual([55, 77]);
  });
});

describe('RFC 2918 and RFC 7313: a family is asked for again', () => {
  test('all of it goes out, between markers where both know them', () => {
    const rib = established([...routes([1]), { prefix: '2001:db8::1/128' }], bothFamilies);
    rib.refresh('ipv4-unicast', false);
    expect(rib.counts).toEqual({ wanted: 2, announced: 2, pending: 1 });
    expectTaken(rib, announcing([1]));
    rib.refresh('ipv4-unicast', true);
    expectTaken(rib, BORR, announcing([1]), EORR);
  });

  test('without routes there are only the markers, or nothing', () => {
    const rib = established([]);
    rib.refresh('ipv4-unicast', true);
    expectTaken(rib, BORR, EORR);
    rib.refresh('ipv4-unicast', false);
    expect(rib.pending).toBe(false);
    expectTaken(rib);
  });

  test('nobody has asked who does not have the family, or no session', () => {
    const rib = established(routes([1]));
    rib.refresh('ipv6-unicast', true);
    expectTaken(rib);
    rib.end();
    rib.refresh('ipv4-unicast', true);
    expect(rib.pending).toBe(false);
  });

  test('a flood of requests before anything was taken is one', () => {
    const rib = established(routes([1, 2]));
    for (let i = 0; i < 1000; i += 1) rib.refresh('ipv4-unicast', true);
    expectTaken(rib, BORR, announcing([1, 2]), EORR);
  });

  test('a flood while one is under way is one more', () => {
    const rib = established(routes([1, 2]));
    rib.refresh('ipv4-unicast', true);
    expect(take(rib, 0)).toEqual([without(BORR)]);
    for (let i = 0; i < 1000; i += 1) rib.refresh('ipv4-unicast', true);
    expectTaken(rib, announcing([1, 2]), EORR, BORR, announcing([1, 2]), EORR);
  });

  test('so it is without markers', () => {
    const rib = established([...routes([1]), ...routes([2], { communities: [7] })]);
    rib.refresh('ipv4-unicast', false);
    expect(take(rib, 0)).toEqual([without(announcing([1]))]);
    for (let i = 0; i < 1000; i += 1) rib.refresh('ipv4-unicast', false);
    expectTaken(rib, announcing([2], 7), announcing([1]), announcing([2], 7));
  });

  test('a request before End-of-RIB is answered after it: RFC 7313, section 4', () => {
    const rib = createAdjRibOut();
    rib.set(routes([1, 2]));
    rib.begin(session);
    for (let i = 0; i < 1000; i += 1) rib.refresh('ipv4-unicast', true);
    expectTaken(rib, announcing([1, 2]), EOR_IPV4, BORR, announcing([1, 2]), EORR);
  });

  test('what changes meanwhile goes out once, and what is gone is withdrawn', () => {
    const rib = established(routes([1, 2, 3]));
    rib.refresh('ipv4-unicast', true);
    rib.patch({ remove: [host(1)], add: routes([2], { communities: [7] }) });
    expectTaken(rib, withdrawing([1]), BORR, announcing([3]), announcing([2], 7), EORR);
  });

  test('what was to be replaced anyway is in front of EoRR, too', () => {
    const rib = established(routes([1, 2]));
    rib.patch({ add: routes([2], { communities: [7] }) });
    rib.refresh('ipv4-unicast', true);
    expect(take(rib, 0)).toEqual([without(BORR)]);
    expectTaken(rib, announcing([2], 7), announcing([1]), EORR);
  });

  test('a new session knows of no request', () => {
    const rib = established(routes([1]));
    rib.refresh('ipv4-unicast', true);
    rib.end();
    rib.begin(session);
    expectTaken(rib, announcing([1]), EOR_IPV4);
  });
});

describe('what this session cannot carry', () => {
  const dual: readonly Route[] = [...routes([1]), { prefix: '2001:db8::1/128' }, { prefix: '2001:db8::2/128' }];
  const huge: RouteAttributes = { communities: Array.from({ length: 5000 }, (_, i) => i) };

  test('is counted with the reason, and sent when a session can', () => {
    const rib = established(dual);
    expect(rib.unsendable).toEqual({ count: 2, because: 'the peer does not take ipv6-unicast' });
    expect(rib.counts).toEqual({ wanted: 3, announced: 1, pending: 0 });
    rib.patch({ remove: ['2001:db8::2/128'] });
    expect(rib.unsendable.count).toBe(1);
    rib.end();
    expect(rib.unsendable).toEqual({ count: 0, because: undefined });
    rib.begin(bothFamilies);
    expect(take(rib).length).toBe(4);
    expect(rib.counts).toEqual({ wanted: 2, announced: 2, pending: 0 });
    expect(rib.unsendable).toEqual({ count: 0, because: undefined });
  });

  test('does not hold up End-of-RIB', () => {
    const rib = createAdjRibOut();
    rib.set(dual);
    rib.begin({ ...bothFamilies, nextHopIpv6: undefined });
    expectTaken(rib, announcing([1]), EOR_IPV4, EOR_IPV6);
    expect(rib.unsendable.because).toBe('the session has no IPv6 address for a next hop');
  });

  test('is withdrawn where it could be carried before', () => {
    const rib = established(routes([1, 2]));
    rib.patch({ add: routes([1], huge) });
    expectTaken(rib, withdrawing([1]));
    expect(rib.counts).toEqual({ wanted: 2, announced: 1, pending: 0 });
    expect(rib.unsendable.count).toBe(1);
    rib.patch({ add: routes([1], { communities: [7] }) });
    expectTaken(rib, announcing([1], 7));
    expect(rib.unsendable).toEqual({ count: 0, because: undefined });
  });

  test('a message of 65,535 octets has room where one of 4,096 has not', () => {
    const rib = established(routes([1], huge));
    expect(rib.unsendable.because).toMatch('no room for a prefix in a message of 4096 octets');
    rib.begin(bothFamiliesExtended);
    expect(take(rib).map((message) => message.length / 2 + 16)).toEqual([23 + 20 + 4 + 20_000 + 5, 23, 29]);
  });

  test('of several reasons the first is told until it is gone', () => {
    const rib = established([{ prefix: '2001:db8::1/128' }]);
    rib.patch({ add: routes([1], huge) });
    expect(rib.unsendable).toEqual({ count: 2, because: expect.stringMatching('leave no room') });
    rib.patch({ remove: [host(1)] });
    expect(rib.unsendable).toEqual({ count: 1, because: 'the peer does not take ipv6-unicast' });
  });
});

test('a context that is none is refused before the session begins', () => {
  const rib = established(routes([1]));
  expect(() => rib.begin({ ...session, nextHopIpv4: 'eth0' })).toThrow(TypeError);
  expect(rib.counts).toEqual({ wanted: 1, announced: 1, pending: 0 });
});

describe('one change among 100,000 routes', () => {
  /** Attributes that tell how often they are read. */
  function counted(attributes: RouteAttributes): {
    readonly attributes: RouteAttributes;
    readonly reads: () => number;
  } {
    let reads = 0;
    const handler: ProxyHandler<RouteAttributes> = {
      get(target, name) {
        reads += 1;
        return Reflect.get(target, name);
      },
    };
    return { attributes: new Proxy(attributes, handler), reads: () => reads };
  }

  test('is one message, and the attributes of the others are not looked at', () => {
    const others = counted({ communities: [1] });
    const prefixes = Array.from({ length: 100_000 }, (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}/32`);
    const rib = established(prefixes.map((prefix) => ({ prefix, attributes: others.attributes })));
    const before = others.reads();
    // Validated, encoded once a session: not once a route.
    expect(before).toBeLessThan(200);
    rib.patch({ add: [{ prefix: '10.1.0.0/32', attributes: { communities: [2] } }] });
    expect(rib.take(1_000_000).map((message) => message.length)).toEqual([55]);
    rib.patch({ remove: ['10.0.0.7/32'] });
    expect(rib.take(1_000_000).map((message) => message.length)).toEqual([28]);
    expect(others.reads()).toBe(before);
  });
});
