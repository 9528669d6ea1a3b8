import { createAnnouncer, projectEndpointSlice, projectNode, projectServiceForAnnouncement } from '@steelyard/announce';
import { parseConfiguration } from '@steelyard/config';

const announcer = createAnnouncer({ node: 'node-1' });
const service = projectServiceForAnnouncement({
  metadata: { namespace: 'default', name: 'nginx' },
  spec: { type: 'LoadBalancer' },
  status: { loadBalancer: { ingress: [{ ip: '192.0.2.10' }] } },
});
const slice = projectEndpointSlice({
  metadata: { namespace: 'default', name: 'nginx-x7f', labels: { 'kubernetes.io/service-name': 'nginx' } },
  endpoints: [{ nodeName: 'node-2', conditions: { ready: true } }],
});
const node = projectNode({ metadata: { name: 'node-1' } });
const { config } = parseConfiguration({
  ipAddressPools: [{ metadata: { name: 'lab' }, spec: { addresses: ['192.0.2.0/24'] } }],
  l2Advertisements: [{ metadata: { name: 'lab' }, spec: { interfaces: ['eth0'] } }],
});

if (service && slice && node) {
  announcer.step({ type: 'configChanged', config });
  announcer.step({ type: 'nodeChanged', node });
  announcer.step({ type: 'serviceChanged', service });
  announcer.step({ type: 'sliceChanged', slice });
  const { upserts, snapshot } = announcer.step({ type: 'synced' });
  console.log(snapshot, upserts[0]?.address, upserts[0]?.interfaces); // complete 192.0.2.10 [ 'eth0' ]

  announcer.step({ type: 'sliceDeleted', key: 'default/nginx-x7f' });
  console.log(announcer.decisionOf('default/nginx')?.because); // NoServingEndpoint
}
