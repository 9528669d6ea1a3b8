import { describeKubeLab } from '@steelyard/testkit/kube-lab/vitest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bgpPeer, type CrdBed, namesOf, openCrdBed } from './crds/crd-bed.ts';
import { pathOf } from './crds/outcomes.ts';

const OLD = pathOf('v1beta1', 'bgppeers');
const NEW = pathOf('v1beta2', 'bgppeers');
const ANNOTATION = 'steelyard.io/bgppeer-v1beta2-fields';
const peer = { myASN: 64500, peerASN: 64501, peerAddress: '192.0.2.1' };

await describeKubeLab('the two versions of BGPPeer on the real API server', (kubeLab) => {
  let bed: CrdBed;

  beforeAll(async () => {
    bed = await openCrdBed(kubeLab);
  });
  afterAll(() => bed[Symbol.asyncDispose]());

  test('are both served after somebody vouched for the webhook, and only the stored one before', async () => {
    await bed.client.create(NEW, bgpPeer('v1beta2', 'early', peer));
    expect(await bed.read(`${NEW}/early`)).toMatchObject({ spec: peer });
    await expect(bed.client.get(`${OLD}/early`)).rejects.toThrow(
      'conversion webhook for metallb.io/v1beta2, Kind=BGPPeer failed',
    );

    await bed.trustWebhook();

    expect(await bed.read(`${OLD}/early`)).toMatchObject({ apiVersion: 'metallb.io/v1beta1', spec: peer });
    expect(new Set(bed.webhook.asked)).toEqual(new Set(['POST /convert apiextensions.k8s.io/v1beta1']));
  });

  test('warn whoever uses the old one', async () => {
    await expect(bed.kubectl('get bgppeers.v1beta1.metallb.io --warnings-as-errors')).rejects.toThrow(
      'Warning: v1beta1 is deprecated, please use v1beta2',
    );
    expect(await bed.kubectl('get bgppeers --warnings-as-errors')).toContain('early');
  });

  describe('a BGPPeer', () => {
    test('written as v1beta1 without timers has none, and the port by default', async () => {
      await bed.client.create(
        OLD,
        bgpPeer('v1beta1', 'plain', { ...peer, nodeSelectors: [{ matchLabels: { a: 'b' } }, {}] }),
      );
      const { spec, metadata } = await bed.read(`${NEW}/plain`);
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
      await bed.client.create(NEW, bgpPeer('v1beta2', name, { ...peer, ...newer }));
      const old = await bed.read(`${OLD}/${name}`);
      expect(Object.keys(old.metadata.annotations ?? {})).toEqual([ANNOTATION]);

      const changed = { ...old, spec: { ...old.spec, bfdProfile: 'fast' } };
      const written = command.startsWith('replace')
        ? changed
        : bgpPeer('v1beta1', name, { ...peer, bfdProfile: 'fast' });
      await bed.kubectl(command.replace('NAME', name), written);

      const { metadata, spec } = await bed.read(`${NEW}/${name}`);
      expect(spec).toMatchObject({ ...peer, ...newer, bfdProfile: 'fast' });
      expect(metadata.annotations ?? {}).not.toHaveProperty([ANNOTATION]);
    });

    test('that has neither address nor number is read, and changed, as v1beta1', async () => {
      const unnumbered = { myASN: 64500, interface: 'eth1', dynamicASN: 'external' };
      await bed.client.create(NEW, bgpPeer('v1beta2', 'unnumbered', unnumbered));
      expect((await bed.read(`${OLD}/unnumbered`)).spec).toMatchObject({ myASN: 64500, peerASN: 0, peerAddress: '' });

      await bed.client.patch(`${OLD}/unnumbered`, { metadata: { labels: { rack: 'a' } } });
      expect((await bed.read(`${NEW}/unnumbered`)).spec).toMatchObject(unnumbered);

      await bed.client.patch(`${OLD}/unnumbered`, { spec: { peerAddress: '192.0.2.9' } });
      const { spec } = await bed.read(`${NEW}/unnumbered`);
      expect(spec).toMatchObject({ peerAddress: '192.0.2.9', dynamicASN: 'external' });
      expect(spec).not.toHaveProperty('interface');
    });

    test('that is written back as it was read is not written once more', async () => {
      await bed.client.create(NEW, bgpPeer('v1beta2', 'same', { ...peer, vrf: 'red' }));
      const writeBack = async (): Promise<unknown> => bed.client.update(`${OLD}/same`, await bed.read(`${OLD}/same`));
      await writeBack(); // the defaults that v1beta1 has not need not be stored
      const before = await bed.read(`${NEW}/same`);

      await writeBack();

      expect(await bed.read(`${NEW}/same`)).toEqual(before);
    });

    test('is one of a list in both versions, and seen by a watch', async () => {
      const [old, stored] = [await bed.client.get(OLD), await bed.client.get(NEW)].map(namesOf);
      expect(old).toEqual(stored);
      expect(old).toContain('unnumbered');

      const ended = new AbortController();
      const seen: unknown[] = [];
      const watching = bed.client.watch(`${OLD}?watch=true&resourceVersion=0`, ended.signal, ({ object }) => {
        seen.push(object.apiVersion);
        if (seen.length >= (old?.length ?? 0)) ended.abort();
      });
      await watching.catch(() => undefined); // ended by us
      expect(seen).toEqual(old?.map(() => 'metallb.io/v1beta1'));
    });

    test('with an expression without values is read as v1beta1, and changed', async () => {
      const nodeSelectors = [{ matchExpressions: [{ key: 'rack', operator: 'Exists' }] }];
      await bed.client.create(NEW, bgpPeer('v1beta2', 'exists', { ...peer, nodeSelectors }));
      expect((await bed.read(`${OLD}/exists`)).spec).toMatchObject({
        nodeSelectors: [{ matchExpressions: [{ key: 'rack', operator: 'Exists', values: [] }] }],
      });
      await bed.client.patch(`${OLD}/exists`, { spec: { bfdProfile: 'fast' } });
      expect((await bed.read(`${NEW}/exists`)).spec).toMatchObject({ nodeSelectors, bfdProfile: 'fast' });
    });
  });
});
