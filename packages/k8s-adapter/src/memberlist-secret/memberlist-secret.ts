import { randomBytes } from 'node:crypto';
import { ApiError, isApiError } from '../client/api-error.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { metadataOf } from '../list-watch/watch-event.ts';

export interface MemberlistSecretOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  /** Of the Secret: METALLB_ML_SECRET_NAME. */
  readonly name: string;
  /** The controller's own Deployment, which becomes its owner: METALLB_DEPLOYMENT. */
  readonly deploymentName: string;
  readonly signal?: AbortSignal;
}

/** The key of the Secret's data that the speakers read. */
const SECRET_KEY = 'secretkey';
/** AES-128. */
const KEY_OCTETS = 16;

/** An error with the rule that is missing in its message, where that is what it is about. */
function withRule(error: unknown, rule: string): unknown {
  if (!isApiError(error)) return error;
  if (error.code !== 'ERR_K8S_FORBIDDEN') return error;
  return new ApiError('ERR_K8S_FORBIDDEN', `${error.message}; the memberlist Secret needs a rule that allows ${rule}`, {
    httpStatus: 403,
    cause: error,
  });
}

/** 22 characters: unpadded base64, standard alphabet. It is given to speakers as text. */
function newKey(): string {
  return randomBytes(KEY_OCTETS).toString('base64').replace(/=+$/, '');
}

/**
 * Makes the Secret by which speakers encrypt their gossip, unless it is there; what is there is not looked at. Two that
 * make it at a time are no error: the first one's stays. The key is never logged. Whatever else fails rejects, and is fatal in
 * MetalLB: without the Secret no speaker starts.
 *
 * @see MetalLB `internal/k8s/k8s.go`, `CreateMlSecret`
 */
export async function ensureMemberlistSecret(options: MemberlistSecretOptions): Promise<'created' | 'there already'> {
  const { client, name, deploymentName } = options;
  const request = options.signal === undefined ? {} : { signal: options.signal };
  const namespace = encodeURIComponent(options.namespace);
  const secrets = `/api/v1/namespaces/${namespace}/secrets`;
  // A list, as MetalLB does: "not there" is then no error, and its role names the Secret for "list".
  const query = new URLSearchParams({ fieldSelector: `metadata.name=${name}`, limit: '1' }).toString();
  const { body } = await client.request('GET', `${secrets}?${query}`, request).catch((error: unknown) => {
    throw withRule(error, `"list" of secrets in namespace ${options.namespace}`);
  });
  const items: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'items') : undefined;
  if (Array.isArray(items) && items.length > 0) return 'there already';

  const deployment = `/apis/apps/v1/namespaces/${namespace}/deployments/${encodeURIComponent(deploymentName)}`;
  if (deploymentName === '') {
    throw new TypeError(`cannot make the Secret ${name} without its owner: set METALLB_DEPLOYMENT or --deployment`);
  }
  const owner = await client.request('GET', deployment, request).catch((error: unknown) => {
    throw withRule(error, `"get" of deployments (apps) named ${deploymentName}`);
  });
  const uid = metadataOf(owner.body)?.['uid'];
  if (typeof uid !== 'string') throw new ApiError('ERR_K8S_BAD_BODY', `GET ${deployment}: no uid`);

  try {
    await client.request('POST', secrets, {
      ...request,
      body: {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name, ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: deploymentName, uid }] },
        data: { [SECRET_KEY]: Buffer.from(newKey()).toString('base64') },
      },
    });
    return 'created';
  } catch (error) {
    if (isApiError(error) && error.code === 'ERR_K8S_ALREADY_EXISTS') return 'there already';
    throw withRule(error, `"create" of secrets in namespace ${options.namespace}`);
  }
}
