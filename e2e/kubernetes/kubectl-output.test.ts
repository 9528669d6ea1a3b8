import { expect, test } from 'vitest';
import { type ControllerKind, realMetalLb } from './cluster/controllers.ts';
import { describeWithRoles } from './cluster/describe-with-roles.ts';
import { SERVICES } from './cluster/services.ts';

/**
 * What kubectl prints of these objects with MetalLB v0.16.1's own controller (`controller/main.go`, `controller/service.go`,
 * the `printcolumn` markers in `api/`), as this very test saw it, made comparable by `normalized`. Where
 * `STEELYARD_METALLB_CONTROLLER` names that controller, it is asked again.
 */
const RECORDED = './recorded/kubectl-output.txt';

const NAMESPACE = 'metallb-system';
const POOLS = `/apis/metallb.io/v1beta1/namespaces/${NAMESPACE}/ipaddresspools`;
const KINDS: readonly ControllerKind[] = realMetalLb() === undefined ? ['steelyard'] : ['steelyard', 'metallb'];

const object = (kind: string, name: string, spec: object, version = 'v1beta1'): object => ({
  apiVersion: `metallb.io/${version}`,
  kind,
  metadata: { name, namespace: NAMESPACE },
  spec,
});
const OBJECTS: readonly object[] = [
  object('IPAddressPool', 'first', { addresses: ['192.0.2.128/30'], avoidBuggyIPs: true }),
  object('IPAddressPool', 'on-request', { addresses: ['198.51.100.0/31', '2001:db8::/120'], autoAssign: false }),
  object('L2Advertisement', 'layer-2', { ipAddressPools: ['first'], interfaces: ['eth0', 'eth1'] }),
  object('BGPAdvertisement', 'bgp', {
    ipAddressPoolSelectors: [{ matchLabels: { zone: 'a' } }],
    peers: ['router'],
    nodeSelectors: [{ matchLabels: { rack: '1' } }],
  }),
  object(
    'BGPPeer',
    'router',
    { myASN: 64512, peerASN: 64513, peerAddress: '192.0.2.1', bfdProfile: 'fast' },
    'v1beta2',
  ),
  object('BFDProfile', 'fast', { receiveInterval: 100, transmitInterval: 100, detectMultiplier: 3, passiveMode: true }),
  object('Community', 'names', { communities: [{ name: 'blackhole', value: '65535:666' }] }),
];

/** Ages, addresses that the API server chooses, and how wide a column is, are not what is compared. */
function normalized(text: string): string {
  const lines = text.split('\n').map((line) =>
    line
      .replaceAll(/\b10\.96\.\d+\.\d+\b/g, '<cluster-ip>')
      .replaceAll(/(?<=\s)(?:\d+[smh])+(?: \(x\d+ over (?:\d+[smh])+\))?(?=\s|$)/g, '<age>')
      .replaceAll(/ {2,}/g, '  ')
      .trimEnd(),
  );
  return lines.join('\n').trim();
}

/**
 * Which of two Events of one second kubectl prints first is chance, and so is what the API server's own controllers have to say
 * of a cluster IP.
 */
function describedOf(text: string): string {
  const [head = '', events = ''] = text.split('\nEvents:\n');
  const [titles = '', rule = '', ...lines] = normalized(events).split('\n');
  const own = lines.filter((line) => line.includes('  metallb-controller  '));
  return [normalized(head), 'Events:', titles, rule.replaceAll(/-+/g, '-'), ...own.toSorted()].join('\n');
}

await describeWithRoles('what kubectl prints', (cluster) => {
  test.each(KINDS)('is the same as with MetalLB: %s', async (kind) => {
    const { apply, createService, startController, addressOf, addressesOf, eventsOf, kube, kubectl } = cluster();
    const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 20_000 });
    await apply(...OBJECTS);
    await startController({ kind });

    await createService('web');
    expect(await addressOf('web')).toBe('192.0.2.128');
    await createService('old', { annotations: { 'metallb.universe.tf/loadBalancerIPs': '198.51.100.1' } });
    expect(await addressOf('old')).toBe('198.51.100.1');
    await createService('wrong', { annotations: { 'metallb.io/loadBalancerIPs': '198.51.100.0' } });
    expect(await addressOf('wrong')).toBe('198.51.100.0');
    await kube.patch(`${SERVICES}/wrong`, { metadata: { annotations: { 'metallb.io/loadBalancerIPs': 'nonsense' } } });
    await createService('elsewhere', { annotations: { 'metallb.io/address-pool': 'nowhere' } });
    await createService('taken', { annotations: { 'metallb.io/loadBalancerIPs': '192.0.2.128' } });
    await createService('moved', { annotations: { 'metallb.io/address-pool': 'first' } });
    expect(await addressOf('moved')).toBe('192.0.2.129');
    await kube.patch(`${POOLS}/first`, { spec: { addresses: ['192.0.2.128/32', '192.0.2.140/32'] } });
    await eventually(() => addressesOf('moved')).toEqual(['192.0.2.140']);
    for (const [name, reason] of [
      ['web', 'IPAllocated'],
      ['old', 'deprecatedAnnotation'],
      ['wrong', 'LoadBalancerFailed'],
      ['elsewhere', 'AllocationFailed'],
      ['taken', 'AllocationFailed'],
      ['moved', 'ClearAssignment'],
    ] as const) {
      await eventually(async () => (await eventsOf('Service', name)).join()).toContain(reason);
    }
    await eventually(async () => (await eventsOf('Service', 'moved')).join()).toContain('192.0.2.140');
    const counters = '-o=jsonpath={range .items[*]}{.metadata.name} {.status}{"\\n"}{end}';
    const ofPools = ['get', 'ipaddresspools', `--namespace=${NAMESPACE}`];
    await eventually(() => kubectl([...ofPools, counters])).toContain('"assignedIPv4":2');

    const state = ['get', 'configurationstates', `--namespace=${NAMESPACE}`, '-o=jsonpath={.items[*].status.result}'];
    await eventually(() => kubectl(state)).toBe('Valid');

    const printed: string[] = [];
    for (const kinds of [
      'services',
      'ipaddresspools,l2advertisements,bgpadvertisements,bgppeers,bfdprofiles,communities,configurationstates',
    ]) {
      const namespace = kinds === 'services' ? 'default' : NAMESPACE;
      const selector = kinds === 'services' ? ['--selector=provider!=kubernetes'] : [];
      printed.push(`$ kubectl get ${kinds} -o wide`);
      printed.push(normalized(await kubectl(['get', kinds, '-o', 'wide', `--namespace=${namespace}`, ...selector])));
    }
    printed.push('$ kubectl get ipaddresspools -o jsonpath=…', (await kubectl([...ofPools, counters])).trim());
    for (const name of ['web', 'old', 'wrong', 'elsewhere', 'taken', 'moved']) {
      printed.push(`$ kubectl describe service ${name}`, describedOf(await kubectl(['describe', 'service', name])));
    }
    await expect(`${printed.join('\n')}\n`).toMatchFileSnapshot(RECORDED);
  });
});
