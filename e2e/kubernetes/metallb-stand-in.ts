/**
 * Stands in for MetalLB's controller where there is none: to run beside ours in a rolling update, in both directions.
 *
 * It decides little, but it writes as MetalLB writes:
 *
 * - no lease and no look at who else is there: it serves from its first moment to its last;
 * - when pools are known all Services are gone through, those with the most ingress entries first, and until that was
 *   done no Service is looked at by itself;
 * - whatever stands in a status is claimed if a pool has it and nobody else was seen with it, and cleared if not;
 * - a change is the whole object, as it was heard of last, put to `services/status` with MetalLB's annotation;
 *   the API server's own `ipMode` is not among what it wants to see there, so each look at a Service is a write, the
 *   second of which changes nothing; a write that failed is done again after 5 ms, 10 ms, 20 ms, …, on what has been heard of by then;
 * - a Service that is deleted or loses its address makes it go through all of them again;
 * - it is ready from the start, and ends at once when it is asked to.
 *
 * Left out: Events, IPv6, sharing, pools for some only, status of pools, ConfigurationState, webhooks.
 *
 * @see MetalLB `controller/main.go`, `controller/service.go`, `internal/k8s/controllers/service_controller_reload.go`
 */
import { createServer } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { openApiClient } from '@steelyard/testkit';
import { createAllocator, type PoolObject } from './stand-in/allocator.ts';
import { follow, type Named } from './stand-in/follow.ts';

interface Service extends Named {
  readonly metadata: Named['metadata'] & { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: {
    readonly type: string;
    readonly clusterIP?: string;
    readonly loadBalancerIP?: string;
    readonly loadBalancerClass?: string;
  };
  readonly status?: {
    readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] };
  };
}

const FROM_POOL = 'metallb.io/ip-allocated-from-pool';
const FIRST_RETRY_MS = 5;
const MAX_RETRY_MS = 1_000;

const { KUBECONFIG = '', METALLB_NAMESPACE = 'metallb-system' } = process.env;
const kube = await openApiClient(KUBECONFIG);
const allocator = createAllocator();
const pools = new Map<string, PoolObject>();
const services = new Map<string, Service>();
let poolsListed = false;
let servicesListed = false;
let gone = false; // through all Services, once
const retriesMs = new Map<string, number>();

const log = (event: string, pairs: object = {}): void => {
  process.stdout.write(`${JSON.stringify({ level: 'info', event, ...pairs })}\n`);
};

/** One thing at a time, as MetalLB's handlers are behind one lock. */
let work: Promise<void> = Promise.resolve();
function enqueue(step: () => Promise<void>): void {
  work = work.then(step).catch((error: unknown) => log('failed', { error: String(error) }));
}

async function reprocessAll(): Promise<void> {
  if (!(poolsListed && servicesListed)) return;
  const held = (service: Service): number => service.status?.loadBalancer?.ingress?.length ?? 0;
  const sorted = [...services].sort(([, a], [, b]) => held(b) - held(a));
  for (const [key] of sorted) await handle(key);
  gone = true;
}

/** A Service as it was heard of last is brought to what it is to be. */
async function handle(key: string): Promise<void> {
  const service = services.get(key);
  if (service === undefined) {
    if (allocator.free(key)) await reprocessAll();
    return;
  }
  if (service.spec.loadBalancerClass !== undefined) return;
  const [address, lost] = converge(key, service);
  const changed = withAddress(service, address);
  if (isDeepStrictEqual(changed, service)) return;
  await write(key, changed);
  if (lost && address === undefined) enqueue(reprocessAll);
}

/** The address that a Service is to have, and whether it lost one. */
function converge(
  key: string,
  { metadata, spec, status }: Service,
): readonly [address: string | undefined, lost: boolean] {
  const clear = (): boolean => allocator.free(key);
  if (spec.type !== 'LoadBalancer' || !allocator.hasPools || !spec.clusterIP) return [undefined, clear()];
  const { annotations = {} } = metadata;
  const pool = annotations['metallb.io/address-pool'];
  const wanted = annotations['metallb.io/loadBalancerIPs'] ?? (spec.loadBalancerIP || undefined);
  const current = status?.loadBalancer?.ingress?.[0]?.ip;
  let lost = false;
  if (current === undefined || !allocator.assign(key, current)) lost = clear();
  else if (pool !== undefined && allocator.poolOf(current) !== pool) lost = clear();
  else if (wanted !== undefined && wanted !== current) lost = clear();
  else return [current, false];
  if (wanted !== undefined) return [allocator.assign(key, wanted) ? wanted : undefined, lost];
  return [allocator.allocate(key, pool), lost];
}

function withAddress(service: Service, address: string | undefined): Service {
  const { [FROM_POOL]: _pool, ...others } = service.metadata.annotations ?? {};
  const pool = address === undefined ? undefined : allocator.poolOf(address);
  const annotations = pool === undefined ? others : { ...others, [FROM_POOL]: pool };
  const loadBalancer = address === undefined ? {} : { ingress: [{ ip: address }] };
  const hadNone = service.metadata.annotations === undefined && pool === undefined;
  return {
    ...service,
    metadata: hadNone ? service.metadata : { ...service.metadata, annotations },
    status: { ...service.status, loadBalancer },
  };
}

async function write(key: string, service: Service): Promise<void> {
  const { namespace = '', name } = service.metadata;
  try {
    await kube.update(`/api/v1/namespaces/${namespace}/services/${name}/status`, service);
    retriesMs.delete(key);
    log('serviceUpdated', { service: key, ips: service.status?.loadBalancer?.ingress?.map(({ ip }) => ip) });
  } catch (error) {
    const afterMs = retriesMs.get(key) ?? FIRST_RETRY_MS;
    retriesMs.set(key, Math.min(afterMs * 2, MAX_RETRY_MS));
    log('updateFailed', { service: key, error: String(error), afterMs });
    setTimeout(() => enqueue(() => handle(key)), afterMs);
  }
}

process.on('SIGTERM', () => process.exit(0));
createServer((_request, response) => response.end('ok')).listen(17_472);

const followPools = follow<PoolObject & Named>(
  kube,
  `/apis/metallb.io/v1beta1/namespaces/${METALLB_NAMESPACE}/ipaddresspools`,
  {
    onChange(key, pool) {
      if (pool === undefined) pools.delete(key);
      else pools.set(key, pool);
      if (poolsListed) enqueue(takePools);
    },
    onListed() {
      poolsListed = true;
      enqueue(takePools);
    },
  },
);
async function takePools(): Promise<void> {
  allocator.setPools([...pools.values()]);
  await reprocessAll();
}

const followServices = follow<Service>(kube, '/api/v1/services', {
  onChange(key, service) {
    if (service === undefined) services.delete(key);
    else services.set(key, service);
    enqueue(async () => {
      if (gone) await handle(key); // what comes sooner is among all when they are gone through
    });
  },
  onListed() {
    servicesListed = true;
    enqueue(reprocessAll);
  },
});

await Promise.all([followPools, followServices]);
