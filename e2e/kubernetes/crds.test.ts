import { openApiClient, openRealControlPlane, waitUntil } from '@steelyard/testkit';
import { describeKubeLab } from '@steelyard/testkit/kube-lab/vitest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NAMESPACE, serveConversions, untilTrusted } from './crds/conversion-webhook.ts';
import { bgpPeer, type CrdBed, namesOf, type ObjectRead, openCrdBed } from './crds/crd-bed.ts';
import { type Definition, install, metallb, ours, trusting } from './crds/definition-set.ts';
import {
  type Attempt,
  attemptsOf,
  type Outcome,
  outcomeOf,
  pathOf,
  readPatiently,
  surprises,
} from './crds/outcomes.ts';

const AT_A_TIME = 8;
const peer = { myASN: 64500, peerASN: 64501, peerAddress: '192.0.2.1' };

await describeKubeLab('the CRDs on the real API server', (kubeLab) => {
  let bed: CrdBed;

  beforeAll(async () => {
    bed = await openCrdBed(kubeLab);
    await bed.trustWebhook();
  });
  afterAll(() => bed[Symbol.asyncDispose]());

  test('are applied as they are, all nine and our own, and established', async () => {
    expect(bed.applied.match(/created$/gm)).toHaveLength(10);
    const { items } = JSON.parse(await bed.kubectl('get crd -o json'));
    const conditions = items.flatMap(({ metadata, status }: InstalledDefinition) =>
      status.conditions.map(({ type, status: holds }) => `${metadata.name} ${type} ${holds}`),
    );
    const names = [...ours.map(({ metadata }) => metadata.name), 'bgppeersessions.steelyard.io'];
    expect(conditions.toSorted()).toEqual(
      names.flatMap((name) => [`${name} Established True`, `${name} NamesAccepted True`]).toSorted(),
    );
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
    await bed.kubectl('apply -f -', { apiVersion: 'v1', kind: 'List', items: [...items, shownPeer, state] });
    const status = { node: 'n1', serviceName: 's', serviceNamespace: 'd' };
    await bed.client.patch(`${pathOf('v1beta1', 'servicel2statuses')}/shown/status`, { status });
    await bed.client.patch(`${pathOf('v1beta1', 'servicebgpstatuses')}/shown/status`, { status });
    await bed.client.patch(`${pathOf('v1beta1', 'configurationstates')}/shown/status`, {
      status: { result: 'Invalid', errorSummary: 'why' },
    });

    const tables = ours.map(async ({ spec: { names } }) => {
      const table = await bed.kubectl(`get ${names.plural} shown -o wide`);
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
    expect(await bed.kubectl('get l2advertisements shown')).not.toContain('NODE SELECTORS');
    expect(await bed.kubectl('get bgpadvertisements shown')).not.toContain('NODE SELECTORS');
  });

  describe('beside those of MetalLB', () => {
    const attempts = attemptsOf(metallb);
    const oursTrusting = (): Definition[] => ours.map((definition) => trusting(definition, bed.webhook.caBundle));
    const theirsTrusting = (caBundle: string): Definition[] =>
      metallb.map((definition) => trusting(definition, caBundle));
    const tryAll = (list: readonly Attempt[], by = bed.client): Promise<Outcome[]> =>
      someAtATime(list, (attempt) => outcomeOf(by, attempt));
    const partsOf = async (): Promise<Record<string, unknown>> => {
      const lists = metallb.flatMap(({ spec: { names, versions } }) =>
        versions.map(async ({ name }) => {
          const { items } = (await readPatiently(bed.client, pathOf(name, names.plural))) as {
            readonly items: readonly ObjectRead[];
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
          const object = await bed.read(`${collection}/${name}`);
          const metadata = { ...object.metadata, labels: { edited: label } };
          await bed.client.update(`${collection}/${name}`, { ...object, metadata });
        };
        await someAtATime(namesOf(await readPatiently(bed.client, collection)), edit);
      }
    };

    test('each field, bound, word, rule and default has the same outcome', { timeout: 300_000 }, async () => {
      await using stack = new AsyncDisposableStack();
      const other = stack.use(await openRealControlPlane({ kubeLab, apiServerFlags: bed.routes.apiServerFlags }));
      const otherClient = stack.use(await openApiClient(other.kubeconfigPath));
      await other.kubectl(['create', 'namespace', NAMESPACE]);
      const { caBundle } = stack.use(await serveConversions(other, bed.routes, '192.0.2.12'));
      await install({ client: otherClient, controlPlane: other }, theirsTrusting(caBundle));
      await untilTrusted(otherClient);

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

      await install(bed, theirsTrusting(bed.webhook.caBundle));
      expect(await partsOf()).toEqual(before);
      await editAll('theirs');
      expect(await partsOf()).toEqual(before);

      await install(bed, oursTrusting());
      expect(await partsOf()).toEqual(before);
      await editAll('ours');
      expect(await partsOf()).toEqual(before);
    });

    test('preferredNodeSelectors, which is newer than what was recorded, is what its schema says', async () => {
      const newer = attemptsOf(ours)
        .filter(({ name }) => name.includes('preferredNodeSelectors'))
        .map((attempt) => ({ ...attempt, object: `newer-${attempt.object}` }));
      expect(newer.length).toBeGreaterThan(10);

      await install(bed, oursTrusting());
      const preferred = { preferredNodeSelectors: [{ weight: 1, preference: {} }] };
      const probe = {
        apiVersion: 'metallb.io/v1beta1',
        kind: 'L2Advertisement',
        metadata: { name: 'probe' },
        spec: preferred,
      };
      const collection = pathOf('v1beta1', 'l2advertisements');
      await waitUntil('the field to be kept', async () => {
        const { spec } = await bed.client.create(`${collection}?dryRun=All`, probe);
        return Object.hasOwn(spec as object, 'preferredNodeSelectors');
      });
      expect(surprises(newer, await tryAll(newer))).toEqual([]);
    });
  });
});

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

function named(attempts: readonly Attempt[], outcomes: readonly Outcome[]): Record<string, Outcome | undefined> {
  return Object.fromEntries(attempts.map(({ name, object }, index) => [`${name} (${object})`, outcomes[index]]));
}
