import type { ParsedConfig } from '@steelyard/config';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AnnouncerEvent, type BgpOutput, type BgpRouteEntry, createAnnouncer } from '../src/index.ts';
import {
  advertisement,
  configChanged,
  configOf,
  nodeChanged,
  peer,
  SYNCED,
  serviceChanged,
  serviceDeleted,
  sliceChanged,
  type World,
  wordsOf,
} from './bgp-world.ts';

const compareTexts = (a: string, b: string): number => (a < b ? -1 : 1);

/** What goes on announcing while one announcer after the other tells it what is wanted. */
class Wire {
  readonly routes = new Map<string, BgpRouteEntry>();
  peers: readonly string[] = [];

  take({ snapshot, routeUpserts, routeRemovals, peers }: BgpOutput): void {
    const now = (peers ?? (this.peers as readonly unknown[])).map((one) =>
      typeof one === 'string' ? one : (one as { name: string }).name,
    );
    this.peers = snapshot === 'partial' ? [...new Set([...this.peers, ...now])].toSorted(compareTexts) : now;
    if (snapshot === 'complete') this.routes.clear();
    for (const prefix of routeRemovals) this.routes.delete(prefix);
    for (const route of routeUpserts) this.routes.set(route.prefix, route);
  }

  /** The next announcer, which is told all this at first. */
  follow(...events: readonly AnnouncerEvent[]): (...more: readonly AnnouncerEvent[]) => readonly BgpOutput[] {
    const announcer = createAnnouncer({ node: 'a' });
    const step = (event: AnnouncerEvent): BgpOutput => {
      const { bgp } = announcer.step(event);
      this.take(bgp);
      return bgp;
    };
    for (const event of [...events, SYNCED]) step(event);
    return (...more) => more.map(step);
  }

  get words(): readonly string[] {
    return wordsOf(this.routes.values()).toSorted(compareTexts);
  }
}

const NODE = nodeChanged('a');
const service = (name: string, ...addresses: readonly string[]): readonly AnnouncerEvent[] => [
  serviceChanged(name, addresses),
  sliceChanged(name, ['a']),
];
const [WEB, API] = [service('web', '192.0.2.10'), service('api', '192.0.2.11')];
const Q = peer('q', { peerAddress: '198.51.100.2' });
const FAR = [{ metadata: { name: 'c' }, spec: { communities: [{ name: 'far', value: '64512:7' }] } }];
const WELL: World = {
  peers: [peer('p'), Q],
  advertisements: [advertisement('bgp', { communities: ['far'] })],
  communities: FAR,
};
const ROUTES = ['192.0.2.10/32 → p,q 64512:7', '192.0.2.11/32 → p,q 64512:7'];

/** A wire thread that was told all that is well, and now hears a control thread that sees it otherwise. */
function restarted(world: World) {
  const wire = new Wire();
  wire.follow(configChanged(configOf(WELL)), NODE, ...WEB, ...API);
  expect([wire.words, wire.peers]).toEqual([ROUTES, ['p', 'q']]);
  const step = wire.follow(configChanged(configOf(world)), NODE, ...WEB, ...API);
  return { wire, step, configure: (then: World) => step(configChanged(configOf(then)))[0] };
}

describe('a control thread that starts again and sees', () => {
  const garbledPeer = { ...WELL, peers: [peer('p', { peerAddress: 'x' }), Q] };
  test.for<[name: string, world: World, gone: World, left: readonly [routes: string[], peers: string[]]]>([
    ['a garbled peer', garbledPeer, { ...WELL, peers: [Q] }, [ROUTES.map((words) => words.replace('p,', '')), ['q']]],
    [
      'a peer whose BFDProfile is gone',
      { ...WELL, peers: [peer('p', { bfdProfile: 'gone' }), Q] },
      { ...WELL, peers: [Q] },
      [ROUTES.map((words) => words.replace('p,', '')), ['q']],
    ],
    [
      'a peer whose Secret is gone',
      { ...WELL, peers: [peer('p', { passwordSecret: { name: 'gone' } }), Q], secrets: [] },
      { ...WELL, peers: [Q] },
      [ROUTES.map((words) => words.replace('p,', '')), ['q']],
    ],
    [
      'a garbled advertisement',
      { ...WELL, advertisements: [advertisement('bgp', { localPref: 'x' })] },
      { ...WELL, advertisements: [] },
      [[], ['p', 'q']],
    ],
    [
      'an advertisement whose alias is gone',
      { ...WELL, communities: [] },
      { ...WELL, advertisements: [] },
      [[], ['p', 'q']],
    ],
  ])('%s keeps session and routes until it is gone, or mended', ([, world, gone, [routes, peers]]) => {
    for (const mend of [false, true]) {
      const { wire, configure } = restarted(world);
      expect([wire.words, wire.peers]).toEqual([ROUTES, ['p', 'q']]);
      expect(configure({ ...world, addresses: ['192.0.2.0/24'] })?.snapshot).toBeUndefined();
      expect([wire.words, wire.peers]).toEqual([ROUTES, ['p', 'q']]);
      expect(configure(mend ? WELL : gone)?.snapshot).toBe('complete');
      expect([wire.words, wire.peers]).toEqual(mend ? [ROUTES, ['p', 'q']] : [routes, peers]);
    }
  });

  test('a garbled peer tells it of what is announced meanwhile', () => {
    const { wire, step } = restarted(garbledPeer);
    step(...service('more', '192.0.2.12'), serviceDeleted('api'));
    expect(wire.words).toEqual(['192.0.2.10/32 → p,q 64512:7', '192.0.2.12/32 → p,q 64512:7']);
  });

  test('a garbled advertisement still ends what is over, and nothing else', () => {
    const { wire, step } = restarted({ ...WELL, communities: [] });
    step(serviceDeleted('api'));
    expect(wire.words).toEqual(ROUTES.slice(0, 1));
    step(...service('same', '192.0.2.10'), serviceDeleted('same')); // a shared address
    expect(wire.words).toEqual(ROUTES.slice(0, 1));
    step(sliceChanged('web', []));
    expect(wire.words).toEqual([]);
  });

  test('a garbled advertisement of another pool ends what is not advertised any more', () => {
    const garbled = advertisement('bgp', { communities: ['far'], ipAddressPools: ['other'] });
    const { wire } = restarted({ ...WELL, advertisements: [garbled], communities: [] });
    expect(wire.words).toEqual([]);
  });
});

describe('what goes wrong later and never was in force', () => {
  const begun = () => {
    const wire = new Wire();
    const step = wire.follow(configChanged(configOf(WELL)), NODE, ...WEB, ...API);
    return { wire, configure: (then: World) => step(configChanged(configOf(then)))[0] };
  };

  test('is no peer', () => {
    const { wire, configure } = begun();
    configure({ ...WELL, peers: [...(WELL.peers ?? []), peer('r', { peerAddress: 'x' })] });
    expect([wire.words, wire.peers]).toEqual([ROUTES, ['p', 'q']]);
    configure({ ...WELL, peers: [Q, peer('r', { peerAddress: 'x' })] });
    expect(wire.peers).toEqual(['q']);
  });

  test('keeps no route of another advertisement that is gone', () => {
    const { wire, configure } = begun();
    const garbled = advertisement('new', { localPref: 'x' });
    configure({ ...WELL, advertisements: [...(WELL.advertisements ?? []), garbled] });
    expect(wire.words).toEqual(ROUTES);
    configure({ ...WELL, advertisements: [garbled] });
    expect(wire.words).toEqual([]);
  });
});

test('whatever happens meanwhile, what nobody touches stays, and in the end all is as written', () => {
  const worlds: readonly World[] = [
    { ...WELL, communities: [] },
    { ...WELL, communities: [], peers: [peer('p', { holdTime: 'x' }), Q] },
    { ...WELL, peers: [peer('p', { peerAddress: 'x' }), Q, peer('r', { peerAddress: '198.51.100.3' })] },
    { ...WELL, peers: [peer('p', { bfdProfile: 'gone' })], advertisements: [advertisement('bgp', { peers: 7 })] },
  ];
  const steps = fc.array(
    fc.oneof(
      fc.constantFrom<World>(...worlds),
      fc.constantFrom<AnnouncerEvent>(
        serviceDeleted('api'),
        ...API,
        ...service('more', '192.0.2.12', '2001:db8::1'),
        serviceDeleted('more'),
        sliceChanged('api', []),
        nodeChanged('a', { rack: '1' }),
        nodeChanged('b'),
      ),
    ),
    { maxLength: 12 },
  );
  const end = fc.constantFrom<World>(WELL, { ...WELL, peers: [Q] }, { ...WELL, advertisements: [] });
  fc.assert(
    fc.property(fc.constantFrom(...worlds), steps, end, (world, events, last) => {
      const { wire, step } = restarted(world);
      const all: AnnouncerEvent[] = [NODE, ...WEB, ...API];
      let config: ParsedConfig = configOf(world);
      for (const one of events) {
        if (!('type' in one)) config = configOf(one, config); // the parser knows what was in force
        const event = 'type' in one ? one : configChanged(config);
        if (event.type !== 'configChanged') all.push(event);
        step(event);
        expect(wire.words.find((words) => words.startsWith('192.0.2.10/32'))).toMatch(/→ p\b/);
        expect(wire.peers).toContain('p');
      }
      step(configChanged(configOf(last, config)));
      const fresh = new Wire();
      fresh.follow(configChanged(configOf(last)), ...all);
      expect([wire.words, wire.peers]).toEqual([fresh.words, fresh.peers]);
    }),
    { numRuns: 200 },
  );
});
