import {
  createEventRecorder,
  createWorkQueue,
  openKubeClient,
  projectWritableMetadata,
  putServiceStatus,
  startListWatch,
} from '@steelyard/k8s-adapter';

const log = (pairs: object, msg: string): void => console.log(JSON.stringify({ msg, ...pairs }));
const logger = { debug: log, info: log, warn: log, error: log };

await using client = await openKubeClient(); // --kubeconfig, KUBECONFIG, the pod, ~/.kube/config
const events = createEventRecorder({ client, component: 'example', logger });

const services = startListWatch({
  client,
  path: '/api/v1/services',
  project(object) {
    const { spec, status } = object as {
      spec?: { type?: string };
      status?: { loadBalancer?: { ingress?: unknown[] } };
    };
    const metadata = projectWritableMetadata(object);
    if (metadata === undefined || spec?.type !== 'LoadBalancer') return undefined;
    return { metadata, pending: (status?.loadBalancer?.ingress ?? []).length === 0 };
  },
  onUpsert: (key) => queue.add(key),
  onDelete: (key) => queue.forget(key),
  logger,
});

const queue = createWorkQueue({
  async process(key) {
    const service = services.values.get(key);
    if (service === undefined || !service.pending) return;
    const { metadata } = service;
    const status = { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } };
    const { outcome } = await putServiceStatus(client, { metadata, status }); // leaves in the turn of the watch event
    log({ key, outcome }, 'status');
    if (outcome !== 'written') return; // the watch brings what has changed
    const object = { apiVersion: 'v1', kind: 'Service', ...metadata };
    events.record({ object, type: 'Normal', reason: 'IPAllocated', message: 'Assigned IP ["192.0.2.1"]' });
  },
  onFailure: (key, error, retryInMs) => log({ key, error: String(error), retryInMs }, 'will try again'),
});

await new Promise((resolve) => process.once('SIGTERM', resolve));
await services.stop();
await queue.stop();
await events.flush(2_000);
