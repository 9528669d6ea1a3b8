/**
 * One list of cases for two API servers: the real one, whose transcripts are
 * in recorded/, and the in-memory one, which has to give the same.
 */

import type { Session } from './api-session.ts';

export interface ApiCase {
  /** A sentence; the transcript's file is named after {@link file}. */
  readonly name: string;
  readonly file: string;
  /** Needs nodes and pods that become ready. */
  readonly needsKubelet?: boolean;
  run(session: Session): Promise<void>;
}

const core = (session: Session, plural: string, rest = ''): string =>
  `/api/v1/namespaces/${session.namespace}/${plural}${rest}`;

const service = (name: string, spec: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { type: 'LoadBalancer', selector: { app: 'nginx' }, ports: [{ port: 8080, targetPort: 80 }], ...spec },
});

const configMap = (name: string, data: object = {}, metadata: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
  data,
});

const withAddress = (ip: string): object => ({ status: { loadBalancer: { ingress: [{ ip }] } } });

const MERGE_PATCH = 'application/merge-patch+json';

export const apiCases: readonly ApiCase[] = [
  {
    name: 'a Service of type LoadBalancer is pending until its status has an address, and kubectl shows both',
    file: 'pending-service',
    run: async (session) => {
      await session.kubectl('create deploy nginx --image nginx:latest --port 80');
      await session.kubectl('expose deployment nginx --name nginx-lb --port 8080 --target-port 80 --type LoadBalancer');
      await session.kubectl('get svc');
      await session.kubectl('get svc -o wide');
      await session.kubectl('get svc nginx-lb -o name');
      const patch = JSON.stringify(withAddress('192.168.1.30'));
      await session.kubectl(`patch svc nginx-lb --subresource=status --type=merge -p '${patch}'`);
      await session.kubectl('get svc nginx-lb');
      await session.kubectl('get svc nginx-lb -o yaml');
      await session.kubectl("get svc nginx-lb -o jsonpath='{.status.loadBalancer.ingress[0].ip}'");
    },
  },
  {
    name: 'describe shows a Service with the Events about it',
    file: 'describe-service',
    run: async (session) => {
      const { body } = await session.ask('POST', core(session, 'services'), { body: service('nginx-lb') });
      const { uid } = (body as { metadata: { uid: string } }).metadata;
      await session.ask('PATCH', core(session, 'services', '/nginx-lb/status'), {
        body: withAddress('192.168.1.30'),
        contentType: MERGE_PATCH,
      });
      const now = new Date().toISOString().replace(/\.\d+/, '');
      const event = {
        metadata: { name: 'nginx-lb.1', namespace: session.namespace },
        involvedObject: { kind: 'Service', apiVersion: 'v1', name: 'nginx-lb', namespace: session.namespace, uid },
        type: 'Normal',
        reason: 'IPAllocated',
        message: 'Assigned IP ["192.168.1.30"]',
        source: { component: 'metallb-controller' },
        firstTimestamp: now,
        lastTimestamp: now,
        count: 1,
      };
      await session.request('POST', core(session, 'events'), { body: event });
      await session.kubectl('describe svc nginx-lb');
      await session.kubectl('get events');
      await session.kubectl('get events -o wide');
      const path = `/apis/events.k8s.io/v1/namespaces/${session.namespace}/events`;
      await session.request('GET', `${path}/nginx-lb.1`);
      const newer = {
        apiVersion: 'events.k8s.io/v1',
        kind: 'Event',
        metadata: { name: 'nginx-lb.2', namespace: session.namespace },
        regarding: { kind: 'Service', apiVersion: 'v1', name: 'nginx-lb', namespace: session.namespace, uid },
        type: 'Warning',
        reason: 'AllocationFailed',
        action: 'Allocate',
        note: 'no available IPs',
        reportingController: 'metallb.io/controller',
        reportingInstance: 'controller-1',
        eventTime: new Date().toISOString().replace('Z', '000Z'),
      };
      await session.request('POST', path, { body: newer });
      await session.request('GET', core(session, 'events', '/nginx-lb.2'));
      await session.kubectl('get events --field-selector involvedObject.name=nginx-lb,type=Warning');
    },
  },
  {
    name: 'a Service that is no load balancer any more loses what only load balancers have',
    file: 'type-change',
    run: async (session) => {
      const spec = {
        loadBalancerClass: 'example.com/class',
        externalTrafficPolicy: 'Local',
        loadBalancerIP: '192.168.1.31',
      };
      await session.request('POST', core(session, 'services'), { body: service('nginx-lb', spec) });
      await session.request('PATCH', core(session, 'services', '/nginx-lb/status'), {
        body: withAddress('192.168.1.31'),
        contentType: MERGE_PATCH,
      });
      await session.request('PATCH', core(session, 'services', '/nginx-lb'), {
        body: { spec: { type: 'ClusterIP' } },
        contentType: MERGE_PATCH,
      });
      await session.request('PATCH', core(session, 'services', '/nginx-lb/status'), {
        body: withAddress('192.168.1.31'),
        contentType: MERGE_PATCH,
      });
      await session.request('PATCH', core(session, 'services', '/nginx-lb'), {
        body: { spec: { type: 'ExternalName', externalName: 'example.com' } },
        contentType: MERGE_PATCH,
      });
      await session.kubectl('get svc');
    },
  },
  {
    name: 'Services get cluster addresses by family and policy',
    file: 'families',
    run: async (session) => {
      for (const [name, spec] of Object.entries({
        single: {},
        six: { ipFamilies: ['IPv6'] },
        prefer: { ipFamilyPolicy: 'PreferDualStack' },
        require: { ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv6', 'IPv4'] },
        headless: { type: 'ClusterIP', clusterIP: 'None' },
        selectorless: { type: 'ClusterIP', clusterIP: 'None', selector: undefined },
        'no-node-ports': { allocateLoadBalancerNodePorts: false },
        affine: { sessionAffinity: 'ClientIP' },
        outside: { type: 'ClusterIP', externalIPs: ['192.0.2.1'] },
        'both-protocols': {
          ports: [
            { name: 'udp', port: 53, protocol: 'UDP' },
            { name: 'tcp', port: 53 },
          ],
        },
      })) {
        await session.request('POST', core(session, 'services'), { body: service(name, spec) });
      }
      await session.kubectl('get svc');
      await session.kubectl('describe svc prefer');
    },
  },
  {
    name: 'what is wrong with a Service is said of each field',
    file: 'invalid-services',
    run: async (session) => {
      const wrong: Record<string, object> = {
        'no-ports': { ports: [] },
        'port-zero': { ports: [{ port: 0 }] },
        'port-large': { ports: [{ port: 70_000 }] },
        'two-unnamed': { ports: [{ port: 1 }, { port: 2 }] },
        'same-twice': {
          ports: [
            { name: 'a', port: 1 },
            { name: 'b', port: 1 },
          ],
        },
        protocol: { ports: [{ port: 1, protocol: 'HTTP' }] },
        type: { type: 'Balanced' },
        'node-port-range': { ports: [{ port: 1, nodePort: 80 }] },
        'cluster-ip-range': { clusterIP: '192.0.2.1' },
        'class-on-cluster-ip': { type: 'ClusterIP', loadBalancerClass: 'a/b' },
        'policy-on-cluster-ip': { type: 'ClusterIP', externalTrafficPolicy: 'Local' },
        'unknown-policy': { externalTrafficPolicy: 'Global' },
        ranges: { loadBalancerSourceRanges: ['10.0.0.0'] },
        'headless-balancer': { clusterIP: 'None' },
        'external-ips': { externalIPs: ['none'] },
        nameless: { type: 'ExternalName', ports: [] },
        UpperCase: {},
        '1number': {},
      };
      for (const [name, spec] of Object.entries(wrong)) {
        await session.request('POST', core(session, 'services'), { body: service(name, spec) });
      }
      await session.ask('POST', core(session, 'services'), { body: service('right', { loadBalancerClass: 'a/b' }) });
      await session.request('PATCH', core(session, 'services', '/right'), {
        body: { spec: { loadBalancerClass: 'c/d' } },
        contentType: MERGE_PATCH,
      });
      await session.request('PATCH', core(session, 'services', '/right/status'), {
        body: withAddress('not-an-address'),
        contentType: MERGE_PATCH,
      });
      await session.request('PATCH', core(session, 'services', '/right/status'), {
        body: {
          status: { loadBalancer: { ingress: [{ hostname: '192.0.2.1' }, { ip: '192.0.2.1', ipMode: 'None' }] } },
        },
        contentType: MERGE_PATCH,
      });
    },
  },
  {
    name: 'a write from an old version is a conflict, and a write that changes nothing is none',
    file: 'locking',
    run: async (session) => {
      const path = core(session, 'services');
      const { body: created } = await session.ask('POST', path, { body: service('nginx-lb') });
      const first = created as { metadata: { resourceVersion: string; uid: string }; spec: object };
      const status = withAddress('192.168.1.30');
      const put = await session.request('PUT', `${path}/nginx-lb/status`, { body: { ...first, ...status } });
      await session.request('PUT', `${path}/nginx-lb/status`, { body: { ...first, ...withAddress('192.168.1.31') } });
      const written = put.body as typeof first;
      const again = await session.ask('PUT', `${path}/nginx-lb/status`, { body: written });
      const unchanged = (again.body as typeof first).metadata.resourceVersion === written.metadata.resourceVersion;
      session.note(`the version after the same status again: ${unchanged ? 'unchanged' : 'changed'}`);
      const foreign = { ...written, metadata: { ...written.metadata, uid: '11111111-1111-4111-8111-111111111111' } };
      await session.request('PUT', `${path}/nginx-lb`, { body: foreign });
      await session.request('PUT', `${path}/other`, { body: written });
      await session.request('DELETE', `${path}/nginx-lb`, {
        body: { preconditions: { uid: '11111111-1111-4111-8111-111111111111' } },
      });
    },
  },
  {
    name: 'the status and the rest of a Service are written apart, but for its metadata',
    file: 'status-subresource',
    run: async (session) => {
      const path = core(session, 'services');
      const body = { ...service('nginx-lb'), ...withAddress('192.168.1.30') };
      await session.request('POST', path, { body });
      await session.request('PATCH', `${path}/nginx-lb/status`, {
        body: { metadata: { annotations: { a: 'b' } }, spec: { selector: { c: 'd' } }, ...withAddress('192.168.1.30') },
        contentType: MERGE_PATCH,
      });
      session.note('a type that is not taken, but decides what is filled in:');
      await session.request('PATCH', `${path}/nginx-lb/status`, {
        body: { spec: { type: 'ClusterIP' }, ...withAddress('192.168.1.32') },
        contentType: MERGE_PATCH,
      });
      await session.request('PATCH', `${path}/nginx-lb`, {
        body: { metadata: { labels: { c: 'd' } }, ...withAddress('192.168.1.31') },
        contentType: MERGE_PATCH,
      });
      await session.request('GET', `${path}/nginx-lb/status`);
    },
  },
  {
    name: 'a ConfigMap is applied, applied again, edited and described',
    file: 'config-map',
    run: async (session) => {
      const manifest = (range: string): string => `
apiVersion: v1
kind: ConfigMap
metadata: { name: config }
data:
  config: |
    address-pools:
    - name: default
      protocol: layer2
      addresses:
      - ${range}
`;
      await session.kubectl('apply -f -', manifest('192.168.1.30-192.168.1.49'));
      await session.kubectl('apply -f -', manifest('192.168.1.30-192.168.1.49'));
      await session.kubectl('apply -f -', manifest('192.168.1.30-192.168.1.59'));
      await session.kubectl('get cm config -o yaml');
      await session.kubectl('describe cm config');
      await session.kubectl('edit cm config');
      await session.kubectl('get cm config -o yaml');
      await session.kubectl('label cm config tier=one');
      await session.kubectl('annotate cm config note=two');
      await session.kubectl('label cm config tier-');
      await session.kubectl("get cm -l '!tier' --field-selector metadata.name=config");
      await session.kubectl('delete cm config');
      await session.kubectl('get cm config');
    },
  },
  {
    name: 'create makes namespaces, ConfigMaps, Secrets and Services',
    file: 'create',
    run: async (session) => {
      await session.kubectl('create configmap settings --from-literal=a=1');
      await session.kubectl('create configmap settings --from-literal=a=1');
      await session.kubectl('create secret generic hidden --from-literal=a=1');
      await session.kubectl('create service loadbalancer made --tcp=80:8080');
      await session.kubectl('create serviceaccount worker');
      await session.kubectl('get cm,secret,svc,sa');
      await session.kubectl('get secret hidden -o yaml');
      await session.kubectl('get svc made -o yaml');
      await session.kubectl('delete svc made');
      await session.kubectl('create configmap elsewhere --from-literal=a=1 -n nowhere');
    },
  },
  {
    name: 'lists come in pages, by selector and as of a version',
    file: 'lists',
    run: async (session) => {
      const path = core(session, 'configmaps');
      const selected = 'labelSelector=case%3Dlists';
      for (const name of ['a', 'b', 'c', 'd']) {
        const labels = { case: 'lists', parity: name < 'c' ? 'low' : 'high' };
        await session.ask('POST', path, { body: configMap(name, {}, { labels }) });
      }
      await session.request('GET', `${path}?${selected}&limit=3`);
      const { body } = await session.ask('GET', `${path}?${selected}&limit=3`);
      const { continue: token, resourceVersion } = (body as { metadata: Record<string, string> }).metadata;
      await session.ask('DELETE', `${path}/d`);
      session.note('after the deletion of d, the second page of before:');
      const rest = await session.ask('GET', `${path}?${selected}&limit=3&continue=${token}`);
      session.note(names(rest.body));
      const exact = `resourceVersion=${resourceVersion}&resourceVersionMatch=Exact`;
      session.note(
        `exactly as of the first page: ${names((await session.ask('GET', `${path}?${selected}&${exact}`)).body)}`,
      );
      session.note(`now: ${names((await session.ask('GET', `${path}?${selected}&resourceVersion=0`)).body)}`);
      for (const selector of [
        'parity=low',
        'parity!=low',
        'parity in (low,high),case',
        'parity notin (low)',
        '!parity',
      ]) {
        const query = `labelSelector=${encodeURIComponent(`case=lists,${selector}`)}`;
        session.note(`${selector}: ${names((await session.ask('GET', `${path}?${query}`)).body)}`);
      }
      await session.request('GET', `${path}?fieldSelector=data.a%3Db`);
      await session.request('GET', `${core(session, 'pods')}?fieldSelector=spec.color%3Dred`);
      await session.request('GET', `${path}?labelSelector=a%3D%3D%3Db`);
      await session.request('GET', `${path}?resourceVersionMatch=Exact`);
      await session.request('GET', `${path}?${selected}`, {
        accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
      });
      await session.request('GET', `${path}/a`, {
        accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json',
      });
    },
  },
  {
    name: 'a watch tells what is created, changed and deleted, and what comes into view and leaves it',
    file: 'watch',
    run: async (session) => {
      const path = core(session, 'configmaps');
      const { body } = await session.ask('GET', path);
      const { resourceVersion } = (body as { metadata: { resourceVersion: string } }).metadata;
      const change = async (name: string, patch: object): Promise<void> => {
        await session.ask('PATCH', `${path}/${name}`, { body: patch, contentType: MERGE_PATCH });
      };
      await session.watch(
        `${path}?watch=true&resourceVersion=${resourceVersion}&labelSelector=watched`,
        async () => {
          await session.ask('POST', path, { body: configMap('one', { a: '1' }, { labels: { watched: 'yes' } }) });
          await session.ask('POST', path, { body: configMap('two', {}) });
          await change('one', { data: { a: '2' } });
          await change('two', { metadata: { labels: { watched: 'yes' } } });
          await change('one', { metadata: { labels: { watched: null } } });
          await change('one', { data: { a: '3' } });
          await session.ask('DELETE', `${path}/two`);
        },
        ({ type, object }) => type === 'DELETED' && object.metadata?.name === 'two',
      );
      const query = 'watch=true&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan';
      await session.watch(
        `${path}?${query}&fieldSelector=metadata.name%3Done`,
        async () => undefined,
        ({ type }) => type === 'BOOKMARK',
      );
      session.note('as tables, the columns come once:');
      await session.watch(
        `${path}?watch=true&resourceVersion=${resourceVersion}&labelSelector=watched`,
        async () => undefined,
        ({ type }) => type === 'DELETED',
        { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' },
      );
      await session.request('GET', `${path}?watch=true&sendInitialEvents=true`);
    },
  },
  {
    name: 'custom resources have defaults, columns and a status of their own',
    file: 'custom-resources',
    run: async (session) => {
      const path = `/apis/metallb.io/v1beta1/namespaces/${session.namespace}/ipaddresspools`;
      const pool = {
        apiVersion: 'metallb.io/v1beta1',
        kind: 'IPAddressPool',
        metadata: { name: 'default' },
        spec: { addresses: ['192.168.1.30-192.168.1.49', '192.0.2.0/24'] },
        status: { assignedIPv4: 1 },
      };
      await session.request('POST', path, { body: pool });
      await session.kubectl('get ipaddresspools');
      await session.kubectl('get ipaddresspool default -o yaml');
      await session.request('PUT', `${path}/default`, { body: pool });
      await session.request('PATCH', `${path}/default/status`, {
        body: { metadata: { labels: { a: 'b' } }, spec: { addresses: [] }, status: { assignedIPv4: 2 } },
        contentType: MERGE_PATCH,
      });
      await session.request('PATCH', `${path}/default`, {
        body: { spec: { autoAssign: false } },
        contentType: MERGE_PATCH,
      });
      await session.request('PATCH', `${path}/default`, {
        body: { spec: { autoAssign: true } },
        contentType: 'application/strategic-merge-patch+json',
      });
      const advertisement = `
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata: { name: example }
spec: { ipAddressPools: [default], interfaces: [eth0], nodeSelectors: [{ matchLabels: { a: b } }] }
`;
      await session.kubectl('apply -f -', advertisement);
      await session.kubectl('get l2advertisements');
      await session.kubectl('get l2advertisements -o wide');
      await session.kubectl('delete l2advertisement example');
      await session.request('DELETE', `${path}/default`);
      await session.request('GET', `${path}/default`);
      await session.kubectl('api-resources --api-group=metallb.io');
      await session.request('GET', `/apis/metallb.io/v1beta1/namespaces/${session.namespace}/addresspools`);
    },
  },
  {
    name: 'each kind of patch does what its standard says',
    file: 'patches',
    run: async (session) => {
      const path = core(session, 'services');
      await session.ask('POST', path, {
        body: service('nginx-lb', {
          ports: [
            { name: 'a', port: 1 },
            { name: 'b', port: 2 },
          ],
        }),
      });
      const patch = (body: unknown, contentType: string): Promise<unknown> =>
        session.request('PATCH', `${path}/nginx-lb`, { body, contentType });
      await patch(
        { spec: { ports: [{ name: 'c', port: 2, targetPort: 5 }] } },
        'application/strategic-merge-patch+json',
      );
      await patch({ spec: { ports: [{ $patch: 'delete', port: 1 }] } }, 'application/strategic-merge-patch+json');
      await patch([{ op: 'replace', path: '/spec/ports/0/port', value: 3 }], 'application/json-patch+json');
      await patch([{ op: 'add', path: '/metadata/annotations', value: { 'a/b': 'c' } }], 'application/json-patch+json');
      await patch([{ op: 'remove', path: '/metadata/annotations/a~1b' }], 'application/json-patch+json');
      await patch({ metadata: { finalizers: ['example.com/hold'] } }, MERGE_PATCH);
      await session.request('DELETE', `${path}/nginx-lb`);
      await session.request('DELETE', `${path}/nginx-lb`);
      await patch({ metadata: { finalizers: null } }, MERGE_PATCH);
      await session.request('GET', `${path}/nginx-lb`);
    },
  },
  {
    name: 'names are made, and refused',
    file: 'names',
    run: async (session) => {
      const path = core(session, 'configmaps');
      await session.request('POST', path, { body: configMap('', {}, { name: undefined, generateName: 'generated-' }) });
      await session.request('POST', path, { body: configMap('', {}, { name: undefined }) });
      await session.request('POST', path, { body: configMap('Not_A_Name') });
      await session.request('POST', path, { body: configMap('elsewhere', {}, { namespace: 'default' }) });
      await session.request('POST', `/api/v1/namespaces/nowhere/configmaps`, { body: configMap('homeless') });
      await session.request('GET', `${path}/missing`);
      await session.request('DELETE', `/apis/apps/v1/namespaces/${session.namespace}/deployments/missing`);
    },
  },
  {
    name: 'a Lease is made and renewed by its holder only',
    file: 'lease',
    run: async (session) => {
      const path = `/apis/coordination.k8s.io/v1/namespaces/${session.namespace}/leases`;
      const lease = {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: 'leader' },
        spec: { holderIdentity: 'a' },
      };
      const created = await session.request('POST', path, { body: lease });
      const held = created.body as { metadata: object };
      await session.request('PUT', `${path}/leader`, { body: { ...held, spec: { holderIdentity: 'b' } } });
      await session.request('PUT', `${path}/leader`, { body: { ...held, spec: { holderIdentity: 'c' } } });
      await session.request('PUT', `${path}/leader`, { body: lease });
      await session.kubectl('get lease');
    },
  },
  {
    name: 'deleting by selector and deleting a namespace leaves nothing behind',
    file: 'delete',
    run: async (session) => {
      await session.ask('POST', core(session, 'services'), { body: service('one') });
      await session.ask('POST', core(session, 'configmaps'), { body: configMap('one', {}, { labels: { a: 'b' } }) });
      await session.ask('POST', core(session, 'configmaps'), { body: configMap('two', {}, { labels: { a: 'b' } }) });
      await session.kubectl('delete cm -l a=b');
      await session.request('DELETE', core(session, 'services', '/one'));
      await session.ask('POST', core(session, 'configmaps'), { body: configMap('three') });
      await session.kubectl(`delete ns ${session.namespace}`);
      await session.request('GET', `/api/v1/namespaces/${session.namespace}`);
      await session.request('GET', core(session, 'configmaps', '/three'));
    },
  },
  {
    name: 'an API server says who it is and what it does not have',
    file: 'discovery',
    run: async (session) => {
      for (const path of ['/healthz', '/readyz', '/livez', '/nothing', '/apis/nothing.io/v1']) {
        await session.request('GET', path);
      }
      await session.kubectl('api-resources --namespaced=true --api-group=discovery.k8s.io --no-headers');
      await session.kubectl('api-resources --namespaced=true --api-group=coordination.k8s.io --no-headers');
      await session.kubectl('get nothing');
    },
  },
  {
    name: 'what is left out of an object is filled in',
    file: 'defaults',
    run: async (session) => {
      const template = {
        metadata: { labels: { app: 'nginx' } },
        spec: {
          automountServiceAccountToken: false,
          containers: [{ name: 'nginx', image: 'nginx', ports: [{ containerPort: 80 }] }],
        },
      };
      const selector = { matchLabels: { app: 'nginx' } };
      const objects: readonly (readonly [string, object])[] = [
        [core(session, 'pods'), { metadata: { name: 'pod' }, spec: template.spec }],
        [
          `/apis/apps/v1/namespaces/${session.namespace}/deployments`,
          { metadata: { name: 'idle' }, spec: { replicas: 0, selector, template } },
        ],
        [
          `/apis/apps/v1/namespaces/${session.namespace}/replicasets`,
          { metadata: { name: 'idle' }, spec: { replicas: 0, selector, template } },
        ],
        [core(session, 'secrets'), { metadata: { name: 'secret' }, stringData: { a: 'b' } }],
        [core(session, 'serviceaccounts'), { metadata: { name: 'account' } }],
        [
          core(session, 'endpoints'),
          { metadata: { name: 'one' }, subsets: [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 1 }] }] },
        ],
        [
          `/apis/discovery.k8s.io/v1/namespaces/${session.namespace}/endpointslices`,
          {
            metadata: { name: 'one' },
            addressType: 'IPv4',
            endpoints: [{ addresses: ['192.0.2.1'] }],
            ports: [{ port: 1 }],
          },
        ],
        [
          `/apis/metallb.io/v1beta2/namespaces/${session.namespace}/bgppeers`,
          { metadata: { name: 'peer' }, spec: { myASN: 1, peerASN: 2 } },
        ],
      ];
      for (const [path, object] of objects) {
        // A custom resource has to say what it is.
        const type = path.includes('metallb.io') ? { apiVersion: 'metallb.io/v1beta2', kind: 'BGPPeer' } : {};
        await session.request('POST', path, { body: { ...type, ...object } });
      }
      for (const bad of [
        { selector: {} },
        { selector: { matchLabels: { app: 'other' } } },
        { template: { ...template, spec: { containers: [] } } },
      ]) {
        const body = { metadata: { name: 'bad' }, spec: { selector, template, ...bad } };
        await session.request('POST', `/apis/apps/v1/namespaces/${session.namespace}/deployments`, { body });
      }
      await session.request('GET', `/api/v1/namespaces/${session.namespace}`);
    },
  },
  {
    name: 'what is asked in a wrong way is refused',
    file: 'wrong-requests',
    run: async (session) => {
      const path = core(session, 'configmaps');
      await session.request('GET', `${path}?resourceVersion=abc`);
      await session.request('GET', `${path}?resourceVersion=abc&watch=1`);
      await session.request('GET', `${path}?watch=1&resourceVersionMatch=NotOlderThan`);
      await session.request('POST', path, { body: configMap('one', {}, { resourceVersion: '5' }) });
      await session.request('PUT', `${path}/missing`, { body: configMap('missing') });
      await session.request('POST', path, { body: service('one') });
      await session.request('PUT', path, { body: {} });
      await session.request('GET', '/api/v1/configmaps/missing');
      await session.request('GET', `${path}/missing/status`);
      await session.request('GET', core(session, 'nodes'));
      await session.request('GET', core(session, 'nothing'));
      await session.request('POST', '/api/v1/configmaps', {
        body: configMap('one', {}, { namespace: session.namespace }),
      });
      await session.request('GET', '/api/v1/services/foo/bar/baz');
    },
  },
  {
    name: 'a Deployment gets pods on nodes, and its Service gets EndpointSlices',
    file: 'deployment',
    needsKubelet: true,
    run: async (session) => {
      await session.kubectl('get nodes');
      await session.kubectl('create deploy nginx --image nginx:1 --port 80 --replicas 2');
      await session.kubectl('expose deployment nginx --name nginx-lb --port 8080 --target-port 80 --type LoadBalancer');
      await session.quietly('rollout status deploy nginx --timeout=20s');
      await settledSlices(session, 2);
      await session.kubectl('get deploy');
      await session.kubectl('get deploy -o wide');
      await session.kubectl('get rs');
      await session.kubectl('get pods');
      await session.kubectl(
        'get endpointslices -l kubernetes.io/service-name=nginx-lb --no-headers -o custom-columns=TYPE:.addressType,PORTS:.ports[*].port',
      );
      await session.kubectl('scale deploy nginx --replicas 3');
      await settledSlices(session, 3);
      await session.kubectl('wait --for=condition=Available deploy/nginx --timeout=20s');
      await session.kubectl('describe svc nginx-lb');
      const slices = `/apis/discovery.k8s.io/v1/namespaces/${session.namespace}/endpointslices`;
      const { body } = await session.ask('GET', `${slices}?labelSelector=kubernetes.io%2Fservice-name%3Dnginx-lb`);
      const { items } = body as { items: { endpoints: { conditions: object }[] }[] };
      const endpoint = items[0]?.endpoints[0];
      const members = Object.keys(endpoint ?? {}).sort((left, right) => left.localeCompare(right));
      session.note(`an endpoint has ${members.join(', ')}; ${JSON.stringify(endpoint?.conditions)}`);
      await session.kubectl('delete deploy nginx');
      await session.until('the pods to go', async () => {
        const pods = await session.ask('GET', core(session, 'pods'));
        return (pods.body as { items: unknown[] }).items.length === 0 ? true : undefined;
      });
      await settledSlices(session, 0);
      await session.kubectl('get deploy,rs,pods');
    },
  },
];

function names(list: unknown): string {
  const { items } = list as { items: { metadata: { name: string } }[] };
  return items.map(({ metadata }) => metadata.name).join(' ');
}

async function settledSlices(session: Session, endpoints: number): Promise<void> {
  const path = `/apis/discovery.k8s.io/v1/namespaces/${session.namespace}/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Dnginx-lb`;
  await session.until(`${endpoints} ready endpoints`, async () => {
    const { body } = await session.ask('GET', path);
    const { items } = body as { items: { endpoints: { conditions: { ready: boolean } }[] | null }[] };
    const ready = items.flatMap((slice) => slice.endpoints ?? []).filter(({ conditions }) => conditions.ready);
    return items.length > 0 && ready.length === endpoints ? true : undefined;
  });
}
