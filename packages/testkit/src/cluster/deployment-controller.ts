/**
 * Deployment → ReplicaSet → Pods, for an API that has no controllers of its
 * own. A rollout makes all new pods first and removes the old ones once the
 * new are ready.
 */

import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, listAt, numberAt, objectAt, textAt, valueAt } from '../memory-api/json-value.ts';
import { type KubeObject, type OwnerReference, timestamp } from '../memory-api/kube-object.ts';
import { type ApiClient, unlessSettled } from './api-client.ts';
import { postEvent } from './event-poster.ts';
import { type Copies, type LevelLoop, startLevelLoop } from './level-loop.ts';

const DEPLOYMENTS = '/apis/apps/v1/deployments';
const REPLICA_SETS = '/apis/apps/v1/replicasets';
const PODS = '/api/v1/pods';
const HASH_LABEL = 'pod-template-hash';
const REVISION = 'deployment.kubernetes.io/revision';

const deploymentType = { apiVersion: 'apps/v1', kind: 'Deployment' };
const replicaSetType = { apiVersion: 'apps/v1', kind: 'ReplicaSet' };

export async function startDeploymentController(
  client: ApiClient,
  onError?: (error: unknown) => void,
): Promise<LevelLoop> {
  return startLevelLoop({
    client,
    paths: [DEPLOYMENTS, REPLICA_SETS, PODS],
    onError,
    pass: async (copies) => {
      for (const deployment of copies.list(DEPLOYMENTS)) await convergeDeployment(client, deployment, copies);
      for (const replicaSet of copies.list(REPLICA_SETS)) await convergeReplicaSet(client, replicaSet, copies);
    },
  });
}

async function convergeDeployment(client: ApiClient, deployment: KubeObject, copies: Copies): Promise<void> {
  if (deployment.metadata.deletionTimestamp !== undefined) return;
  const wanted = numberAt(deployment, 'spec', 'replicas');
  const owned = ownedBy(deployment, copies.list(REPLICA_SETS));
  const hash = templateHash(deployment);
  const current = owned.find((replicaSet) => replicaSet.metadata.labels?.[HASH_LABEL] === hash);
  const others = owned.filter((replicaSet) => replicaSet !== current);
  if (current === undefined) {
    await createReplicaSet(client, deployment, hash, owned.length + 1, copies);
  } else {
    await scale(client, deployment, current, wanted, copies);
    const isReady = numberAt(current, 'status', 'readyReplicas') >= wanted;
    if (isReady) for (const other of others) await scale(client, deployment, other, 0, copies);
  }
  await writeStatus(client, DEPLOYMENTS, deployment, deploymentStatus(deployment, current, owned), copies);
}

function ownedBy(owner: KubeObject, objects: readonly KubeObject[]): KubeObject[] {
  return objects.filter((object) => object.metadata.ownerReferences?.some(({ uid }) => uid === owner.metadata.uid));
}

/** Ten letters that stand for the template: the same template has the same name. */
function templateHash(deployment: KubeObject): string {
  const digest = createHash('sha256')
    .update(JSON.stringify(valueAt(deployment, 'spec', 'template')))
    .digest();
  return [...digest.subarray(0, 10)].map((octet) => 'bcdfghjklmnpqrstvwxz2456789'[octet % 27]).join('');
}

async function createReplicaSet(
  client: ApiClient,
  deployment: KubeObject,
  hash: string,
  revision: number,
  copies: Copies,
): Promise<void> {
  const { name, namespace = '' } = deployment.metadata;
  const replicas = numberAt(deployment, 'spec', 'replicas');
  const template = objectAt(deployment, 'spec', 'template');
  const labels = { ...objectAt(template, 'metadata', 'labels'), [HASH_LABEL]: hash };
  const selector = objectAt(deployment, 'spec', 'selector');
  const created = await unlessSettled(
    client.create(`/apis/apps/v1/namespaces/${namespace}/replicasets`, {
      metadata: {
        name: `${name}-${hash}`,
        labels,
        annotations: {
          'deployment.kubernetes.io/desired-replicas': String(replicas),
          [REVISION]: String(revision),
        },
        ownerReferences: [ownerReference(deployment, deploymentType)],
      },
      spec: {
        replicas,
        selector: { ...selector, matchLabels: { ...objectAt(selector, 'matchLabels'), [HASH_LABEL]: hash } },
        template: { ...template, metadata: { ...objectAt(template, 'metadata'), labels } },
      },
    }),
  );
  if (created === undefined) return;
  copies.put(REPLICA_SETS, created);
  const annotations = { [REVISION]: String(revision) };
  await unlessSettled(
    client.patch(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}`, { metadata: { annotations } }),
  );
  await tellScaling(client, deployment, created, 0, replicas);
}

function ownerReference({ metadata }: KubeObject, type: typeof deploymentType): OwnerReference {
  return { ...type, name: metadata.name, uid: metadata.uid ?? '', controller: true, blockOwnerDeletion: true };
}

async function scale(
  client: ApiClient,
  deployment: KubeObject,
  replicaSet: KubeObject,
  replicas: number,
  copies: Copies,
): Promise<void> {
  const before = numberAt(replicaSet, 'spec', 'replicas');
  if (before === replicas) return;
  const { name, namespace = '' } = replicaSet.metadata;
  const path = `/apis/apps/v1/namespaces/${namespace}/replicasets/${name}`;
  copies.put(REPLICA_SETS, await unlessSettled(client.patch(path, { spec: { replicas } })));
  await tellScaling(client, deployment, replicaSet, before, replicas);
}

async function tellScaling(
  client: ApiClient,
  deployment: KubeObject,
  replicaSet: KubeObject,
  before: number,
  after: number,
): Promise<void> {
  if (before === after) return;
  const direction = after > before ? 'up' : 'down';
  await postEvent(client, deployment, deploymentType, {
    component: 'deployment-controller',
    reason: 'ScalingReplicaSet',
    message: `Scaled ${direction} replica set ${replicaSet.metadata.name} from ${before} to ${after}`,
  });
}

function deploymentStatus(
  deployment: KubeObject,
  current: KubeObject | undefined,
  owned: readonly KubeObject[],
): object {
  const sum = (field: string): number => owned.reduce((total, one) => total + numberAt(one, 'status', field), 0);
  const wanted = numberAt(deployment, 'spec', 'replicas');
  const updated = numberAt(current, 'status', 'replicas');
  const available = sum('availableReplicas');
  const isAvailable = available >= wanted;
  const isDone = updated === wanted && isAvailable && sum('replicas') === wanted;
  const replicaSet = current?.metadata.name ?? '';
  return {
    observedGeneration: deployment.metadata.generation,
    replicas: sum('replicas'),
    updatedReplicas: updated,
    readyReplicas: sum('readyReplicas'),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, wanted - available),
    conditions: [
      condition(deployment, 'Available', isAvailable, {
        reason: isAvailable ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
        message: `Deployment ${isAvailable ? 'has' : 'does not have'} minimum availability.`,
      }),
      condition(deployment, 'Progressing', true, {
        reason: isDone ? 'NewReplicaSetAvailable' : 'ReplicaSetUpdated',
        message: `ReplicaSet "${replicaSet}" ${isDone ? 'has successfully progressed' : 'is progressing'}.`,
      }),
    ],
  };
}

/** The condition as it stands, or a new one where its status or reason changed. */
function condition(
  object: KubeObject,
  type: string,
  isTrue: boolean,
  why: { reason: string; message: string },
): object {
  const status = isTrue ? 'True' : 'False';
  const old = listAt(object, 'status', 'conditions').find((one) => textAt(one, 'type') === type);
  if (isJsonObject(old) && old['status'] === status && old['reason'] === why.reason && old['message'] === why.message)
    return old;
  const now = timestamp(Date.now());
  const lastTransitionTime = textAt(old, 'status') === status ? textAt(old, 'lastTransitionTime') : now;
  return { type, status, ...why, lastUpdateTime: now, lastTransitionTime };
}

async function convergeReplicaSet(client: ApiClient, replicaSet: KubeObject, copies: Copies): Promise<void> {
  if (replicaSet.metadata.deletionTimestamp !== undefined) return;
  const pods = ownedBy(replicaSet, copies.list(PODS)).filter((pod) => pod.metadata.deletionTimestamp === undefined);
  const wanted = numberAt(replicaSet, 'spec', 'replicas');
  const observed = numberAt(replicaSet, 'status', 'observedGeneration');
  for (let i = pods.length; i < wanted; i++) copies.put(PODS, await createPod(client, replicaSet));
  // The newest and the unready go first.
  const surplus = [...pods]
    .sort((a, b) => Number(isReady(a)) - Number(isReady(b)))
    .slice(0, Math.max(0, pods.length - wanted));
  for (const { metadata } of surplus) {
    await unlessSettled(client.delete(`/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`));
  }
  const ready = pods.filter(isReady).length;
  const status = {
    observedGeneration: Math.max(observed, replicaSet.metadata.generation ?? 0),
    replicas: pods.length,
    fullyLabeledReplicas: pods.length,
    readyReplicas: ready,
    availableReplicas: ready,
  };
  await writeStatus(client, REPLICA_SETS, replicaSet, status, copies);
}

function isReady(pod: KubeObject): boolean {
  const ready = listAt(pod, 'status', 'conditions').find((one) => textAt(one, 'type') === 'Ready');
  return textAt(ready, 'status') === 'True';
}

async function createPod(client: ApiClient, replicaSet: KubeObject): Promise<KubeObject> {
  const { name, namespace = '' } = replicaSet.metadata;
  const template = objectAt(replicaSet, 'spec', 'template');
  const pod = await client.create(`/api/v1/namespaces/${namespace}/pods`, {
    metadata: {
      ...objectAt(template, 'metadata'),
      generateName: `${name}-`,
      ownerReferences: [ownerReference(replicaSet, replicaSetType)],
    },
    spec: objectAt(template, 'spec'),
  });
  await postEvent(client, replicaSet, replicaSetType, {
    component: 'replicaset-controller',
    reason: 'SuccessfulCreate',
    message: `Created pod: ${pod.metadata.name}`,
  });
  return pod;
}

async function writeStatus(
  client: ApiClient,
  path: string,
  object: KubeObject,
  status: object,
  copies: Copies,
): Promise<void> {
  const current = objectAt(object, 'status');
  const isSame = Object.entries(status).every(([field, value]) => isDeepStrictEqual(current[field], value));
  if (isSame) return;
  const { name, namespace = '' } = object.metadata;
  const plural = path.split('/').at(-1);
  const statusPath = `/apis/apps/v1/namespaces/${namespace}/${plural}/${name}/status`;
  copies.put(path, await unlessSettled(client.patch(statusPath, { status })));
}
