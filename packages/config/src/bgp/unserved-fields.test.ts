import { describe, expect, test } from 'vitest';
import { advertisement, parse, peer, pool, profile } from '../../test/bgp-objects.ts';
import type { ConfigurationInput } from '../index.ts';

const noticesOf = (spec: object, more: Partial<ConfigurationInput> = {}): readonly string[] =>
  parse({ bgpPeers: [peer('p', spec)], bfdProfiles: [profile('fast')], ...more })
    .problems.filter(({ code }) => code === 'ERR_CONFIG_NOT_SERVED')
    .map(({ severity, field }) => `${severity} ${field}`);

describe('a field that is not served is named in a warning', () => {
  test.for<[field: string, spec: object, notices: readonly string[]]>([
    ['bfdProfile', { bfdProfile: 'fast' }, ['warning spec.bfdProfile']],
    ['enableGracefulRestart', { enableGracefulRestart: true }, ['warning spec.enableGracefulRestart']],
    ['interface', { interface: 'eth0', peerAddress: '' }, ['warning spec.interface']],
    ['disableMP', { disableMP: true }, ['warning spec.disableMP']],
    ['none of them, where they are off', { bfdProfile: '', enableGracefulRestart: false, disableMP: false }, []],
    [
      'none: what is served is not spoken of',
      {
        vrf: 'red',
        localASN: 64999,
        holdTime: '9s',
        keepaliveTime: '3s',
        connectTime: '5s',
        sourceAddress: '192.0.2.9',
        routerID: '192.0.2.9',
        ebgpMultiHop: true,
        dualStackAddressFamily: true,
        password: 'x',
      },
      [],
    ],
  ])('%s', ([, spec, notices]) => {
    expect(noticesOf(spec)).toEqual(notices);
  });

  test('which spoils nothing: the peer is in force, and MetalLB in frr mode would take it', () => {
    const bgpPeers = [peer('p', { bfdProfile: 'fast', enableGracefulRestart: true })];
    for (const parity of [false, true]) {
      const outcome = parse({ bgpPeers, bfdProfiles: [profile('fast')], bgpType: 'frr', parity });
      expect([outcome.stale, outcome.config.acceptedByMetalLb]).toEqual([false, true]);
      const inForce = outcome.config.bgpPeers.get('p');
      expect([inForce?.invalid, inForce?.bfdProfile?.name]).toEqual([undefined, 'fast']);
    }
  });

  test('and not of a peer of other nodes', () => {
    const nodes = [{ name: 'here', labels: { rack: 'a' } }];
    const elsewhere = { bfdProfile: 'fast', nodeSelectors: [{ matchLabels: { rack: 'b' } }] };
    expect(noticesOf(elsewhere, { nodes, nodeName: 'here' })).toEqual([]);
  });
});

describe('what no session can have, and MetalLB takes, is left out with a warning', () => {
  test.for<[what: string, spec: object, field: string, left: object]>([
    ['an IPv6 router ID', { routerID: '2001:db8::1' }, 'spec.routerID', { routerId: undefined }],
    ['the router ID 0.0.0.0', { routerID: '0.0.0.0' }, 'spec.routerID', { routerId: undefined }],
    [
      'a source of another family',
      { sourceAddress: '2001:db8::1' },
      'spec.sourceAddress',
      { sourceAddress: undefined, address: '192.0.2.1' },
    ],
    ['a link-local peer', { peerAddress: 'fe80::1' }, 'spec.peerAddress', { address: 'fe80::1' }],
  ])('%s', ([, spec, field, left]) => {
    const { config, problems, stale } = parse({ bgpPeers: [peer('p', spec)], bgpType: 'frr' });
    expect(problems).toMatchObject([{ severity: 'warning', field, refusedByMetalLb: false }]);
    expect(stale).toBe(false);
    const inForce = config.bgpPeers.get('p');
    expect({ ...inForce }).toEqual({ ...inForce, ...left });
  });
});

test('an advertisement is served, whatever it says', () => {
  const spec = { aggregationLength: 24, localPref: 7, communities: ['1:2', 'large:1:2:3'], peers: ['p'] };
  const { problems } = parse({
    ipAddressPools: [pool('a', ['192.0.2.0/24', '2001:db8::/64'])],
    bgpAdvertisements: [advertisement('ad', spec)],
    bgpPeers: [peer('p')],
  });
  expect(problems).toEqual([]);
});

describe('bgpextras', () => {
  const extras = (text: unknown): object => ({
    metadata: { namespace: 'metallb-system', name: 'bgpextras' },
    data: { extras: text },
  });

  test.for<[bgpType: string, parity: boolean, severity: string, accepted: boolean]>([
    ['native', false, 'warning', false],
    ['frr-k8s', false, 'warning', false],
    ['frr', false, 'warning', true],
    ['frr', true, 'warning', true],
    ['native', true, 'error', false],
    ['frr-k8s', true, 'error', false],
  ])('with %s, parity %s: %s', ([bgpType, parity, severity, accepted]) => {
    const bgpExtras = extras('router bgp 64512\n neighbor 192.0.2.1 password hunter2\n');
    const outcome = parse({ bgpPeers: [peer('p')], bgpExtras, bgpType, parity });
    expect(outcome.problems).toMatchObject([
      { severity, object: { kind: 'ConfigMap', name: 'bgpextras' }, field: 'data.extras', scopes: ['speaker'] },
    ]);
    expect(outcome.config.acceptedByMetalLb).toBe(accepted);
    expect(JSON.stringify(outcome.problems)).not.toContain('hunter2');
  });

  test('that say nothing are nothing', () => {
    for (const bgpExtras of [undefined, null, 7, {}, extras(''), extras(7), { data: { other: 'x' } }]) {
      expect(parse({ bgpPeers: [peer('p')], bgpExtras }).problems).toEqual([]);
    }
  });

  test('are no matter of the controller', () => {
    const input = { bgpPeers: [peer('p')], bgpExtras: extras('x'), bgpType: 'native', parity: true } as const;
    const { stale, config } = parse({ ...input, reader: 'controller' });
    expect([stale, config.acceptedByMetalLb]).toEqual([false, true]);
  });
});
