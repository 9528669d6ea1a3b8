import {
  type ApiClient,
  type ControlPlane,
  type EndpointRoutes,
  openApiClient,
  openEndpointRoutes,
  openRealControlPlane,
} from '@steelyard/testkit';
import { describeKubeLab } from '@steelyard/testkit/kube-lab/vitest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CRDS } from './cluster/roles.ts';
import { type ConversionWebhook, NAMESPACE, serveConversions } from './crds/conversion-webhook.ts';
import { type Definition, install, metallb, ours, trusting } from './crds/definition-set.ts';
import {
  type Attempt,
  attemptsOf,
  type Outcome,
  outcomeOf,
  pathOf,
  read as readPatiently,
  surprises,
} from './crds/outcomes.ts';

const OLD = pathOf('v1beta1', 'bgppeers');
const NEW = pathOf('v1beta2', 'bgppeers');
const ANNOTATION = 'steelyard.io/bgppeer-v1beta2-fields';
const AT_A_TIME = 8;
const peer = { myASN: 64500, peerASN: 64501, peerAddress: '192.0.2.1' };

await describeKubeLab('the CRDs on the real API server', (kubeLab) => {
  let routes: EndpointRoutes;
  let controlPlane: ControlPlane;
  let client: ApiClient;
  let webhook: ConversionWebhook;
  let applied: string;
  const running = new AsyncDisposableStack();

  beforeAll(async () => {
    routes = await openEndpointRoutes();
    running.defer(() => routes.close());
    controlPlane = running.use(await openRealControlPlane({ kubeLab, apiServerFlags: routes.apiServerFlags }));
    client = running.use(await openApiClient(controlPlane.kubeconfigPath));
    await controlPlane.kubectl(['create', 'namespace', NAMESPACE]);
    webhook = running.use(await serveConversions(controlPlane, routes));
    applied = await controlPlane.kubectl(['apply', '-f', CRDS]);
  });
  afterAll(() => running.disposeAsync());

  const kubectl = (command: string, input?: object): Promise<string> =>
    controlPlane.kubectl(['--namespace', NAMESPACE, ...command.split(' ')], input && { input: JSON.stringify(input) });
  const bgpPeer = (version: string, name: string, spec: object): object => ({
    apiVersion: `metallb.io/${version}`,
    kind: 'BGPPeer',
    metadata: { name, namespace: NAMESPACE },
    spec,
  });
  const read = async (path: string): Promise<PeerRead> => (await readPatiently(client, path)) as PeerRead;

  test('are applied as they are, all nine, and established', async () => {
    expect(applied.match(/created$/gm)).toHaveLength(9);
    await kubectl('wait --for=condition=Established crd --all --timeout=60s');
    const { items } = JSON.parse(await kubectl('get crd -o json'));
    const conditions = items.flatMap(({ metadata, status }: InstalledDefinition) =>
      status.conditions.map(({ type, status: holds }) => `${metadata.name} ${type} ${holds}`),
    );
    expect(conditions.toSorted()).toEqual(
      ours.flatMap(({ metadata: { name } }) => [`${name} Established True`, `${name} NamesAccepted True`]).toSorted(),
    );
  });

  test('serve what is stored before anybody vouches for the webhook, and the old BGPPeer after', async () => {
    await client.create(NEW, bgpPeer('v1beta2', 'early', peer));
    expect(await read(`${NEW}/early`)).toMatchObject({ spec: peer });
    await expect(client.get(`${OLD}/early`)).rejects.toThrow(
      'conversion webhook for metallb.io/v1beta2, Kind=BGPPeer failed',
    );

    await kubectl(
      `patch crd bgppeers.metallb.io --type=merge --patch=${JSON.stringify({
        spec: { conversion: { webhook: { clientConfig: { caBundle: webhook.caBundle } } } },
      })}`,
    );

    await expect
      .poll(() => read(`${OLD}/early`).catch(String))
      .toMatchObject({ apiVersion: 'metallb.io/v1beta1', spec: peer });
    expect(new Set(webhook.asked)).toEqual(new Set(['POST /convert apiextensions.k8s.io/v1beta1']));
  });

  test('warn whoever uses the old BGPPeer', async () => {
    await expect(kubectl('get bgppeers.v1beta1.metallb.io --warnings-as-errors')).rejects.toThrow(
      'Warning: v1beta1 is deprecated, please use v1beta2',
    );
    expect(await kubectl('get bgppeers --warnings-as-errors')).toContain('early');
  });

  describe('a BGPPeer', () => {
    test('written as v1beta1 without timers has none, and the port by default', async () => {
      await client.create(
        OLD,
        bgpPeer('v1beta1', 'plain', { ...peer, nodeSelectors: [{ matchLabels: { a: 'b' } }, {}] }),
      );
      const { spec, metadata } = await read(`${NEW}/plain`);
      expect(spec).toEqual({
        ...peer,
        peerPort: 179,
        disableMP: false,
        dualStackAddressFamily: false,
        nodeSelectors: [{ matchLabels: { a: 'b' } }, {}],
      });
      expect(metadata).not.toHaveProperty('annotations');
    });

    const newer = {
      localASN: 64999,
      vrf: 'red',
      connectTime: '10s',
      passwordSecret: { name: 'secret' },
      enableGracefulRestart: true,
    };

    test.for([
      ['a merge patch', 'patch bgppeers.v1beta1.metallb.io NAME --type=merge --patch={"spec":{"bfdProfile":"fast"}}'],
      [
        'a JSON patch',
        'patch bgppeers.v1beta1.metallb.io NAME --type=json --patch=[{"op":"add","path":"/spec/bfdProfile","value":"fast"}]',
      ],
      ['kubectl apply', 'apply -f -'],
      ['server-side apply', 'apply --server-side -f -'],
      ['reading it and writing it back', 'replace -f -'],
    ] as const)('keeps what v1beta1 cannot say when it is changed as v1beta1 by %s', async ([how, command]) => {
      const name = how.toLowerCase().replaceAll(' ', '-');
      await client.create(NEW, bgpPeer('v1beta2', name, { ...peer, ...newer }));
      const old = await read(`${OLD}/${name}`);
      expect(Object.keys(old.metadata.annotations ?? {})).toEqual([ANNOTATION]);

      const changed = { ...old, spec: { ...old.spec, bfdProfile: 'fast' } };
      const written = command.startsWith('replace')
        ? changed
        : bgpPeer('v1beta1', name, { ...peer, bfdProfile: 'fast' });
      await kubectl(command.replace('NAME', name), written);

      const { metadata, spec } = await read(`${NEW}/${name}`);
      expect(spec).toMatchObject({ ...peer, ...newer, bfdProfile: 'fast' });
      expect(metadata.annotations ?? {}).not.toHaveProperty([ANNOTATION]);
    });

    test('that has neither address nor number is read, and changed, as v1beta1', async () => {
      const unnumbered = { myASN: 64500, interface: 'eth1', dynamicASN: 'external' };
      await client.create(NEW, bgpPeer('v1beta2', 'unnumbered', unnumbered));
      expect((await read(`${OLD}/unnumbered`)).spec).toMatchObject({ myASN: 64500, peerASN: 0, peerAddress: '' });

      await client.patch(`${OLD}/unnumbered`, { metadata: { labels: { rack: 'a' } } });
      expect((await read(`${NEW}/unnumbered`)).spec).toMatchObject(unnumbered);

      await client.patch(`${OLD}/unnumbered`, { spec: { peerAddress: '192.0.2.9' } });
      const { spec } = await read(`${NEW}/unnumbered`);
      expect(spec).toMatchObject({ peerAddress: '192.0.2.9', dynamicASN: 'external' });
      expect(spec).not.toHaveProperty('interface');
    });

    test('that is written back as it was read is not written once more', async () => {
      await client.create(NEW, bgpPeer('v1beta2', 'same', { ...peer, vrf: 'red' }));
      const writeBack = async (): Promise<unknown> => client.update(`${OLD}/same`, await read(`${OLD}/same`));
      await writeBack(); // the defaults that v1beta1 has not need not be stored
      const before = await read(`${NEW}/same`);

      await writeBack();

      expect(await read(`${NEW}/same`)).toEqual(before);
    });

    test('is one of a list in both versions, and seen by a watch', async () => {
      const [old, stored] = [await client.get(OLD), await client.get(NEW)].map(namesOf);
      expect(old).toEqual(stored);
      expect(old).toContain('unnumbered');

      const ended = new AbortController();
      const seen: unknown[] = [];
      const watching = client.watch(`${OLD}?watch=true&resourceVersion=0`, ended.signal, ({ object }) => {
        seen.push(object.apiVersion);
        if (seen.length >= (old?.length ?? 0)) ended.abort();
      });
      await watching.catch(() => undefined); // ended by us
      expect(seen).toEqual(old?.map(() => 'metallb.io/v1beta1'));
    });

    test('with an expression without values is read as v1beta1, and changed', async () => {
      const nodeSelectors = [{ matchExpressions: [{ key: 'rack', operator: 'Exists' }] }];
      await client.create(NEW, bgpPeer('v1beta2', 'exists', { ...peer, nodeSelectors }));
      expect((await read(`${OLD}/exists`)).spec).toMatchObject({
        nodeSelectors: [{ matchExpressions: [{ key: 'rack', operator: 'Exists', values: [] }] }],
      });
      await client.patch(`${OLD}/exists`, { spec: { bfdProfile: 'fast' } });
      expect((await read(`${NEW}/exists`)).spec).toMatchObject({ nodeSelectors, bfdProfile: 'fast' });
    });
  });

  test('have the columns of MetalLB', async () => {
    const selector = [{ matchLabels: { a: 'b' } }];
    const objects = [
      ['IPAddressPool', { addresses: ['192.0.2.0/24'] }],
      [
        'L2Advertisement',
        { ipAddressPools: ['p'], ipAddressPoolSelectors: selector, interfaces: ['eth0'], nodeSelectors: selector },
      ],
      [
        'BGPAdvertisement',
        { ipAddressPools: ['p'], ipAddressPoolSelectors: selector, peers: ['q'], nodeSelectors: selector },
      ],
      ['BFDProfile', { passiveMode: true, transmitInterval: 100, receiveInterval: 200, detectMultiplier: 5 }],
      ['Community', { communities: [{ name: 'n', value: '1:2' }] }],
      ['ServiceL2Status', {}],
      ['ServiceBGPStatus', {}],
    ] as const;
    const items = objects.map(([kind, spec]) => ({
      apiVersion: 'metallb.io/v1beta1',
      kind,
      metadata: { name: 'shown', namespace: NAMESPACE },
      spec,
    }));
    const shownPeer = bgpPeer('v1beta2', 'shown', { ...peer, bfdProfile: 'fast', ebgpMultiHop: true });
    const state = { ...items[0], kind: 'ConfigurationState', spec: undefined };
    await kubectl('apply -f -', { apiVersion: 'v1', kind: 'List', items: [...items, shownPeer, state] });
    const status = { node: 'n1', serviceName: 's', serviceNamespace: 'd' };
    await client.patch(`${pathOf('v1beta1', 'servicel2statuses')}/shown/status`, { status });
    await client.patch(`${pathOf('v1beta1', 'servicebgpstatuses')}/shown/status`, { status });
    await client.patch(`${pathOf('v1beta1', 'configurationstates')}/shown/status`, {
      status: { result: 'Invalid', errorSummary: 'why' },
    });

    const tables = ours.map(async ({ spec: { names } }) => {
      const table = await kubectl(`get ${names.plural} shown -o wide`);
      return [
        names.plural,
        table
          .trimEnd()
          .split('\n')
          .map((line) => line.trimEnd().replaceAll(/ {2,}/g, ' | ')),
      ];
    });
    expect(Object.fromEntries(await Promise.all(tables))).toEqual({
      ipaddresspools: ['NAME | AUTO ASSIGN | AVOID BUGGY IPS | ADDRESSES', 'shown | true | false | ["192.0.2.0/24"]'],
      l2advertisements: [
        'NAME | IPADDRESSPOOLS | IPADDRESSPOOL SELECTORS | INTERFACES | NODE SELECTORS',
        'shown | ["p"] | [{"matchLabels":{"a":"b"}}] | ["eth0"] | [{"matchLabels":{"a":"b"}}]',
      ],
      bgpadvertisements: [
        'NAME | IPADDRESSPOOLS | IPADDRESSPOOL SELECTORS | PEERS | NODE SELECTORS',
        'shown | ["p"] | [{"matchLabels":{"a":"b"}}] | ["q"] | [{"matchLabels":{"a":"b"}}]',
      ],
      bgppeers: ['NAME | ADDRESS | ASN | BFD PROFILE | MULTI HOPS', 'shown | 192.0.2.1 | 64501 | fast | true'],
      bfdprofiles: [
        'NAME | PASSIVE MODE | TRANSMIT INTERVAL | RECEIVE INTERVAL | MULTIPLIER',
        'shown | true | 100 | 200 | 5',
      ],
      communities: ['NAME | AGE', expect.stringMatching(/^shown \| \d+s$/)],
      servicel2statuses: ['NAME | ALLOCATED NODE | SERVICE NAME | SERVICE NAMESPACE', 'shown | n1 | s | d'],
      servicebgpstatuses: ['NAME | NODE | SERVICE NAME | SERVICE NAMESPACE', 'shown | n1 | s | d'],
      configurationstates: [
        'NAME | RESULT | ERRORSUMMARY | AGE',
        expect.stringMatching(/^shown \| Invalid \| why \| \d+s$/),
      ],
    });
    expect(await kubectl('get l2advertisements shown')).not.toContain('NODE SELECTORS');
    expect(await kubectl('get bgpadvertisements shown')).not.toContain('NODE SELECTORS');
  });

  describe('beside those of MetalLB', () => {
    const attempts = attemptsOf(metallb);
    const oursTrusting = (): Definition[] => ours.map((definition) => trusting(definition, webhook.caBundle));
    const theirsTrusting = (caBundle: string): Definition[] =>
      metallb.map((definition) => trusting(definition, caBundle));
    const tryAll = (list: readonly Attempt[], by = client): Promise<Outcome[]> =>
      someAtATime(list, (attempt) => outcomeOf(by, attempt));
    const partsOf = async (): Promise<Record<string, unknown>> => {
      const lists = metallb.flatMap(({ spec: { names, versions } }) =>
        versions.map(async ({ name }) => {
          const { items } = (await readPatiently(client, pathOf(name, names.plural))) as {
            readonly items: readonly PeerRead[];
          };
          return items.map(({ metadata, spec, status }) => [
            `${names.kind} ${name} ${metadata.name}`,
            { spec, status },
          ]);
        }),
      );
      return Object.fromEntries((await Promise.all(lists)).flat());
    };
    /** What somebody does who edits each object by hand, in the version that is stored. */
    const editAll = async (label: string): Promise<void> => {
      for (const { spec } of metallb) {
        const collection = pathOf(spec.versions.at(-1)?.name ?? '', spec.names.plural);
        const edit = async (name: string): Promise<void> => {
          const object = await read(`${collection}/${name}`);
          const metadata = { ...object.metadata, labels: { edited: label } };
          await client.update(`${collection}/${name}`, { ...object, metadata });
        };
        await someAtATime(namesOf(await readPatiently(client, collection)), edit);
      }
    };

    test('each field, bound, word, rule and default has the same outcome', { timeout: 300_000 }, async () => {
      await using stack = new AsyncDisposableStack();
      const other = stack.use(await openRealControlPlane({ kubeLab, apiServerFlags: routes.apiServerFlags }));
      const otherClient = stack.use(await openApiClient(other.kubeconfigPath));
      await other.kubectl(['create', 'namespace', NAMESPACE]);
      const { caBundle } = stack.use(await serveConversions(other, routes, '192.0.2.12'));
      await install({ client: otherClient, controlPlane: other }, theirsTrusting(caBundle));

      const [own, theirs] = await Promise.all([tryAll(attempts), tryAll(attempts, otherClient)]);

      expect(surprises(attempts, theirs)).toEqual([]);
      expect(surprises(attempts, own)).toEqual([]);
      expect(attempts.length).toBeGreaterThan(500);
      expect(named(attempts, own)).toEqual(named(attempts, theirs));
    });

    test('what was written under ours is served, and can be edited, under theirs, and the other way round', {
      timeout: 300_000,
    }, async () => {
      const before = await partsOf();
      expect(Object.keys(before).length).toBeGreaterThan(200);

      await install({ client, controlPlane }, theirsTrusting(webhook.caBundle));
      expect(await partsOf()).toEqual(before);
      await editAll('theirs');
      expect(await partsOf()).toEqual(before);

      await install({ client, controlPlane }, oursTrusting());
      expect(await partsOf()).toEqual(before);
      await editAll('ours');
      expect(await partsOf()).toEqual(before);
    });

    test('preferredNodeSelectors, which is newer than what was recorded, is what its schema says', async () => {
      const newer = attemptsOf(ours)
        .filter(({ name }) => name.includes('preferredNodeSelectors'))
        .map((attempt) => ({ ...attempt, object: `newer-${attempt.object}` }));
      expect(newer.length).toBeGreaterThan(10);

      await install({ client, controlPlane }, oursTrusting());
      const preferred = { preferredNodeSelectors: [{ weight: 1, preference: {} }] };
      const probe = {
        apiVersion: 'metallb.io/v1beta1',
        kind: 'L2Advertisement',
        metadata: { name: 'probe' },
        spec: preferred,
      };
      const collection = pathOf('v1beta1', 'l2advertisements');
      await expect
        .poll(() => client.create(`${collection}?dryRun=All`, probe).catch(String))
        .toMatchObject({ spec: preferred });
      expect(surprises(newer, await tryAll(newer))).toEqual([]);
    });
  });
});

interface PeerRead {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: object;
  readonly status?: object;
}

interface InstalledDefinition {
  readonly metadata: { readonly name: string };
  readonly status: { readonly conditions: readonly { readonly type: string; readonly status: string }[] };
}

async function someAtATime<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += AT_A_TIME) {
    results.push(...(await Promise.all(items.slice(start, start + AT_A_TIME).map(act))));
  }
  return results;
}

function namesOf(list: unknown): string[] {
  return (list as { readonly items: readonly PeerRead[] }).items.map(({ metadata }) => metadata.name);
}

function named(attempts: readonly Attempt[], outcomes: readonly Outcome[]): Record<string, Outcome | undefined> {
  return Object.fromEntries(attempts.map(({ name, object }, index) => [`${name} (${object})`, outcomes[index]]));
}
