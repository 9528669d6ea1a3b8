import { firstChoice } from '../rules/choices.ts';
import { type JudgedPools, judgePools } from '../rules/pools.ts';
import {
  familiesOf,
  familiesOfAddresses,
  isServed,
  mayShare,
  poolAskedBy,
  requestOf,
  sameAddresses,
} from '../rules/services.ts';
import { followCollection } from '../world/list-watch.ts';
import { FROM_POOL, keyOf, type StoredService, shownBy } from '../world/objects.ts';
import { startProcess } from '../world/simulated-process.ts';
import type { RunningController, Surroundings } from './controller.ts';
import { createWorkQueue, type Ended } from './work-queue.ts';

const WRITE_TIMEOUT_MS = 5_000;

/**
 * Stands in for MetalLB's controller: no lease and no look at who else is there. All Services are gone through when pools
 * change, those with the most ingress entries first; whatever stands in a status is claimed if it may be, and else cleared;
 * a change is the whole object as it was heard of last; a wrong configuration leaves the one before in force.
 *
 * @see MetalLB `controller/main.go`, `controller/service.go`, `internal/k8s/controllers/service_controller_reload.go`
 */
export function startMetalLb({ time, network, server }: Surroundings, podName: string): RunningController {
  const process = startProcess(time, podName);
  const held = new Map<string, { readonly service: StoredService; readonly addresses: readonly string[] }>();
  const writes = createWorkQueue(process, handle);
  let inForce: JudgedPools | undefined;
  let gone = false; // through all of them, once

  function isFree(service: StoredService, address: string): boolean {
    return [...held].every(
      ([key, other]) =>
        key === keyOf(service) || !other.addresses.includes(address) || mayShare(service, other.service),
    );
  }

  function takePools(): void {
    if (!pools.synced || !namespaces.synced) return;
    const judged = judgePools(pools.values.values(), namespaces.values);
    if (judged.frozen.length > 0) return;
    inForce = judged;
    reprocessAll();
  }

  function reprocessAll(): void {
    if (inForce === undefined || !services.synced) return;
    gone = true;
    const sorted = [...services.values.values()].sort((a, b) => shownBy(b).length - shownBy(a).length);
    for (const service of sorted) converge(service);
    for (const key of services.values.keys()) writes.add(key);
  }

  function assign(service: StoredService, addresses: readonly string[]): boolean {
    const pool = inForce?.inForce.find((one) => addresses.every((address) => one.addresses.includes(address)));
    const may = pool?.admits(service) === true && addresses.every((address) => isFree(service, address));
    if (may) held.set(keyOf(service), { service, addresses });
    return may;
  }

  /** What a Service is to have. */
  function converge(service: StoredService): readonly string[] {
    const key = keyOf(service);
    const current = shownBy(service);
    const families = familiesOf(service);
    const asked = requestOf(service);
    const fits =
      familiesOfAddresses(current) === families ||
      (families === '46' && service.spec.ipFamilyPolicy === 'PreferDualStack');
    const pool = inForce?.inForce.find(({ addresses }) => addresses.includes(current[0] ?? ''))?.name;
    const wanted = poolAskedBy(service);
    const keeps =
      isServed(service) &&
      current.length > 0 &&
      fits &&
      assign(service, current) &&
      (wanted === '' || wanted === pool) &&
      (asked === undefined || asked.length === 0 || sameAddresses(asked, current));
    if (keeps) return current;
    held.delete(key);
    const found =
      isServed(service) && inForce !== undefined
        ? firstChoice(service, inForce, (address) => isFree(service, address))
        : undefined;
    return found !== undefined && assign(service, found) ? found : [];
  }

  function handle(key: string, ended: Ended): void {
    const service = services.values.get(key);
    if (service === undefined || service.spec.loadBalancerClass !== undefined || inForce === undefined) {
      ended('done');
      return;
    }
    const addresses = converge(service);
    const pool = inForce.inForce.find((one) => one.addresses.includes(addresses[0] ?? ''))?.name;
    const { [FROM_POOL]: before, ...annotations } = service.metadata.annotations;
    if (pool === before && addresses.join() === shownBy(service).join()) {
      ended('done');
      return;
    }
    const { uid, resourceVersion } = service.metadata;
    network.call(process, {
      timeoutMs: WRITE_TIMEOUT_MS,
      serve: () =>
        server.putStatus(podName, {
          key,
          uid,
          resourceVersion,
          annotations: pool === undefined ? annotations : { ...annotations, [FROM_POOL]: pool },
          ingress: addresses,
        }),
      onFailure: () => ended('failed'),
      onAnswer: ({ outcome }) => ended(outcome === 'written' ? 'done' : 'failed'),
    });
  }

  const from = { time, network, server, process };
  const services = followCollection({
    ...from,
    collection: server.services,
    onUpsert: (key) => {
      if (gone) writes.add(key);
    },
    onDelete(key) {
      writes.forget(key);
      if (held.delete(key)) reprocessAll();
    },
    onSynced: reprocessAll,
  });
  const onChange = { onUpsert: takePools, onDelete: takePools, onSynced: takePools };
  const pools = followCollection({ ...from, collection: server.pools, ...onChange });
  const namespaces = followCollection({ ...from, collection: server.namespaces, ...onChange });

  return {
    name: podName,
    process,
    breakWatch: (kind) => ({ services, pools, namespaces })[kind].breakOff(),
    stop() {
      // It ends at once when it is asked to.
      process.end();
      server.pods.delete(podName);
    },
  };
}
