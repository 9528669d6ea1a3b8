import type { LoggedRequest, MemoryApi } from '@steelyard/testkit';
import { describeLab } from '@steelyard/testkit/vitest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { App } from './apps.ts';
import {
  type Cluster,
  CONFIG_MAPS,
  type ConfigMapContents,
  legacyConfiguration,
  legacyPool,
  openMemoryCluster,
  POOLS,
  tellLogsOnFailure,
} from './cluster.ts';

/** The octets of a ConfigMap may be 1 MiB; this is more. */
const TOO_LARGE = 1_200_000;

const HOME = legacyPool('home', ['192.0.2.130-192.0.2.139']);
const OTHER = legacyPool('other', ['192.0.2.150-192.0.2.159']);
const GOOD = legacyConfiguration(HOME, OTHER);

/** What cannot be read may hold a password of a BGP peer, so it is not told. */
const UNTOLD = /^null$/;

/** What is wrong, the object, and what the log and the Event must say of it. */
const badConfigMaps: readonly [what: string, contents: ConfigMapContents, error: RegExp, value: RegExp][] = [
  ['that is no YAML', { data: { config: 'address-pools: [\n  - {{{ : ]' } }, /could not parse config/, UNTOLD],
  ['that is no mapping', { data: { config: '- just\n- a list\n' } }, /not a mapping/, UNTOLD],
  ['without its key', { data: { konfig: 'address-pools: []' } }, /no key "config"/, /konfig/],
  [
    'larger than a ConfigMap can be',
    { data: { config: `# ${'x'.repeat(TOO_LARGE)}\naddress-pools:\n${HOME}${OTHER}` } },
    /could not parse config/,
    UNTOLD,
  ],
  ['binary', { binaryData: { config: '/9j/4AAQSkZJRgAB' } }, /no key "config"/, /./],
  [
    'with an unknown protocol',
    legacyConfiguration(legacyPool('home', ['192.0.2.130-192.0.2.139'], 'layer3'), OTHER),
    /home.*unknown protocol "layer3"/,
    /layer3/,
  ],
  [
    'with overlapping pools',
    legacyConfiguration(HOME, OTHER, legacyPool('late', ['192.0.2.135-192.0.2.145'])),
    /in pool "late" overlaps with already defined CIDR/,
    /192\.0\.2\.135/,
  ],
  [
    'with a range that runs backwards',
    legacyConfiguration(HOME, OTHER, legacyPool('backwards', ['192.0.2.199-192.0.2.190'])),
    /backwards.*start IP "192.0.2.199" is after the end IP "192.0.2.190"/,
    /192\.0\.2\.199-192\.0\.2\.190/,
  ],
  [
    'with a range of two families',
    legacyConfiguration(HOME, OTHER, legacyPool('mixed', ['192.0.2.170-fd00::5'])),
    /mixed.*invalid IP range "192.0.2.170-fd00::5"/,
    /192\.0\.2\.170-fd00::5/,
  ],
  [
    'with a bare address',
    legacyConfiguration(HOME, OTHER, legacyPool('bare', ['192.0.2.171'])),
    /invalid CIDR "192.0.2.171" in pool "bare"/,
    /192\.0\.2\.171/,
  ],
  [
    'with a misspelled key',
    legacyConfiguration(HOME, OTHER, '- name: typo\n  protocol: layer2\n  adresses: ["192.0.2.172/32"]\n'),
    /typo.*adresses/,
    /./,
  ],
];

/** Wrong in a way that a restart has nothing to fall back on. */
const badAtStart = ['that is no YAML', 'larger than a ConfigMap can be'];

describeLab('a bad configuration', () => {
  let cluster: Cluster & { readonly api: MemoryApi };
  let addresses: Readonly<Record<string, readonly string[]>>;
  let owners: Readonly<Record<string, string>>;

  beforeAll(async () => {
    cluster = await openMemoryCluster();
    await cluster.putConfigMap(GOOD);
    await cluster.createService('in-home', { annotations: { 'metallb.io/address-pool': 'home' } });
    await cluster.createService('in-other', { annotations: { 'metallb.io/address-pool': 'other' } });
    await cluster.createService('asked-for', { annotations: { 'metallb.io/loadBalancerIPs': '192.0.2.137' } });
    await cluster.start();
    for (const name of ['in-home', 'in-other', 'asked-for']) await cluster.addressOf(name);
    addresses = await cluster.allAddresses();
    owners = await cluster.network.owners(Object.values(addresses).flat());
    expect(Object.keys(owners)).toHaveLength(3);
  });
  afterAll(() => cluster?.close());
  tellLogsOnFailure(() => cluster);

  const apps = (): readonly App[] => cluster.apps();
  const marks = (): Map<App, number> => new Map(apps().map((app) => [app, app.records().length]));
  const serviceWrites = (): LoggedRequest[] =>
    cluster.api.writes.filter(({ path, userAgent }) => userAgent.startsWith('steelyard') && /\/services\//.test(path));

  /** Every app says what is wrong, naming the object and the value. */
  async function expectComplaint(since: Map<App, number>, error: RegExp, value: RegExp, object: string): Promise<void> {
    for (const app of apps()) {
      const pairs = { op: 'loadConfig', level: 'error', error, value };
      await expect(app.waitForRecord(pairs, since.get(app)), app.name).resolves.toMatchObject({ object });
    }
  }

  /** No address has moved, nothing was written to a Service, and the same node answers for each. */
  async function expectNothingMoved(): Promise<void> {
    expect(await cluster.network.owners(Object.values(addresses).flat())).toEqual(owners);
    expect(await cluster.allAddresses()).toEqual(addresses);
    expect(serviceWrites()).toEqual([]);
  }

  /** A Service that comes now is served. */
  async function expectService(name: string): Promise<void> {
    await cluster.createService(name);
    await cluster.network.owners([await cluster.addressOf(name)]);
    await cluster.deleteService(name);
  }

  test.for(badConfigMaps)('a ConfigMap %s moves no address, and says why', async ([, contents, error, value]) => {
    cluster.api.clearRequests();
    const since = marks();
    await cluster.putConfigMap(contents);
    await expectComplaint(since, error, value, 'ConfigMap/config');
    await expect.poll(() => cluster.eventsOf('ConfigMap', 'config')).toContainEqual(expect.stringMatching(error));
    await expectNothingMoved();
  });

  test('what is mended is in force again, and a new Service is served', async () => {
    const since = marks();
    await cluster.putConfigMap(GOOD);
    await Promise.all(apps().map((app) => app.waitForRecord({ event: 'configLoaded', errors: 0 }, since.get(app))));
    await expectService('after-mending');
  });

  test('a pool beside a bad one serves new Services', async () => {
    const since = marks();
    await cluster.putConfigMap(legacyConfiguration(legacyPool('home', ['192.0.2.130-192.0.2.139'], 'layer3'), OTHER));
    await cluster.controller.waitForRecord({ op: 'loadConfig', error: /layer3/ }, since.get(cluster.controller));
    await cluster.createService('beside');
    const address = await cluster.addressOf('beside');
    expect(address).toMatch(/^192\.0\.2\.15\d$/);
    await cluster.network.owners([address]);
    await cluster.deleteService('beside');
  });

  test.for<(typeof badConfigMaps)[number]>(badConfigMaps.filter(([what]) => badAtStart.includes(what)))(
    'a ConfigMap %s that is there when everything starts takes no address from anybody',
    async ([, contents, error, value]) => {
      await cluster.stopApps();
      cluster.api.clearRequests();
      await cluster.putConfigMap(contents);
      await cluster.start();
      await expectComplaint(new Map(), error, value, 'ConfigMap/config');
      await expectNothingMoved();
    },
  );

  test('all pools wrong at once, each in its own way, when everything starts: each is named, and nothing moves', async () => {
    await cluster.stopApps();
    cluster.api.clearRequests();
    const backwards = legacyPool('other', ['192.0.2.159-192.0.2.150']);
    await cluster.putConfigMap(
      legacyConfiguration(
        legacyPool('home', ['192.0.2.130-192.0.2.139'], 'layer3'),
        legacyPool('double', ['192.0.2.130/31']),
        backwards,
        legacyPool('bare', ['192.0.2.171']),
      ),
    );
    await cluster.start();
    for (const [error, value] of [
      [/home.*unknown protocol "layer3"/, /layer3/],
      [/"double" overlaps/, /192\.0\.2\.130/],
      [/other.*after the end IP/, /192\.0\.2\.159-192\.0\.2\.150/],
      [/"192.0.2.171" in pool "bare"/, /192\.0\.2\.171/],
    ] as const) {
      await expectComplaint(new Map(), error, value, 'ConfigMap/config');
    }
    await expectNothingMoved();
  });

  test('objects of metallb.io that are wrong move nothing either, also when everything is restarted', async () => {
    await cluster.stopApps();
    cluster.api.clearRequests();
    await cluster.createPool('other', { addresses: ['192.0.2.150-192.0.2.159'] });
    await cluster.createPool('home', { addresses: ['192.0.2.130-192.0.2.139'] });
    await cluster.createAdvertisement('everywhere');
    await cluster.kube.delete(`${CONFIG_MAPS}/config`);
    await cluster.start();
    await expectNothingMoved();

    const wrong: readonly [kind: string, name: string, spec: object, error: RegExp, value: RegExp][] = [
      ['IPAddressPool', 'backwards', { addresses: ['192.0.2.199-192.0.2.190'] }, /after the end IP/, /192\.0\.2\.199/],
      ['IPAddressPool', 'late', { addresses: ['192.0.2.139-192.0.2.140'] }, /"late" overlaps/, /192\.0\.2\.139/],
      ['IPAddressPool', 'mixed', { addresses: ['192.0.2.170-fd00::5'] }, /invalid IP range/, /fd00::5/],
      ['IPAddressPool', 'bare', { addresses: ['192.0.2.171'] }, /invalid CIDR "192.0.2.171"/, /192\.0\.2\.171/],
      [
        'L2Advertisement',
        'selective',
        { nodeSelectors: [{ matchExpressions: [{ key: 'zone', operator: 'Near', values: ['a'] }] }] },
        /Near/,
        /Near/,
      ],
    ];
    for (const [kind, name, spec, error, value] of wrong) {
      const before = marks();
      await (kind === 'IPAddressPool' ? cluster.createPool(name, spec) : cluster.createAdvertisement(name, spec));
      await expectComplaint(before, error, value, `${kind}/${name}`);
      await expect.poll(() => cluster.eventsOf(kind, name)).toContainEqual(expect.stringMatching(error));
    }
    await expectNothingMoved();

    // The pools that serve are broken too, and everything starts anew.
    await cluster.stopApps();
    await cluster.kube.patch(`${POOLS}/home`, { spec: { addresses: ['192.0.2.139-192.0.2.130'] } });
    await cluster.kube.patch(`${POOLS}/other`, { spec: { addresses: ['nonsense'] } });
    await cluster.start();
    await expectComplaint(new Map(), /"192.0.2.139" is after the end IP/, /192\.0\.2\.139/, 'IPAddressPool/home');
    await expectComplaint(new Map(), /"nonsense"/, /nonsense/, 'IPAddressPool/other');
    await expectNothingMoved();

    await cluster.kube.patch(`${POOLS}/home`, { spec: { addresses: ['192.0.2.130-192.0.2.139'] } });
    await expectService('mended');
    expect(await cluster.network.owners(Object.values(addresses).flat())).toEqual(owners);
  });
});
