import { expect, test } from 'vitest';
import { resourceIn, writesBetween, writesInMetrics } from './cluster-api.ts';

test.for([
  ['/api/v1/namespaces/default/services', 'services'],
  ['/api/v1/namespaces/default/services/web/status?fieldManager=x', 'services/status'],
  ['/api/v1/namespaces', 'namespaces'],
  ['/api/v1/namespaces/default', 'namespaces'],
  ['/api/v1/nodes/n1/status', 'nodes/status'],
  ['/apis/metallb.io/v1beta1/namespaces/metallb-system/ipaddresspools/a', 'ipaddresspools'],
] as const)('%s is about %s', ([path, resource]) => {
  expect(resourceIn(path)).toBe(resource);
});

test('writes are counted from the metrics of the API server, refused ones apart, and reads are not', () => {
  const metrics = `# TYPE apiserver_request_total counter
apiserver_request_total{code="200",component="apiserver",dry_run="",group="",resource="services",scope="resource",subresource="status",verb="PUT",version="v1"} 7
apiserver_request_total{code="409",component="apiserver",dry_run="",group="",resource="services",scope="resource",subresource="status",verb="PUT",version="v1"} 1
apiserver_request_total{code="201",component="apiserver",dry_run="",group="",resource="events",scope="resource",subresource="",verb="POST",version="v1"} 3
apiserver_request_total{code="200",component="apiserver",dry_run="",group="",resource="services",scope="cluster",subresource="",verb="LIST",version="v1"} 99
`;
  expect(Object.fromEntries(writesInMetrics(metrics))).toEqual({
    'PUT services/status': 7,
    'PUT services/status (409)': 1,
    'POST events': 3,
  });
});

test('between two looks, only what grew is told, and not the leases of nodes', () => {
  const before = new Map([['PUT services/status', 7]]);
  const after = new Map([...before, ['POST events', 2], ['PATCH leases', 40]] as const);
  expect(writesBetween(before, after)).toEqual({ 'POST events': 2 });
});
