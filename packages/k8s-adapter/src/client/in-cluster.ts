import { access, readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { ApiError } from './api-error.ts';
import type { CredentialSource } from './credentials.ts';

/** Where kubelet mounts the ServiceAccount of a pod. */
const SERVICE_ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * The pod's own ServiceAccount, or undefined outside of a pod; as client-go's `rest.InClusterConfig`.
 * Read here and not by client-node: loading its KubeConfig costs a pod 20 MB and a fifth of a second, for two files.
 */
export async function inClusterCredentials(
  env: Readonly<Record<string, string | undefined>>,
  folder: string = SERVICE_ACCOUNT_FOLDER,
): Promise<CredentialSource | undefined> {
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'];
  if (host === undefined || host === '' || port === undefined || port === '') return undefined;
  const tokenFile = join(folder, 'token');
  const caFile = join(folder, 'ca.crt');
  try {
    await access(tokenFile);
  } catch {
    return undefined;
  }
  const namespace = await readFile(join(folder, 'namespace'), 'utf8').then(
    (text) => text.trim() || undefined,
    () => undefined,
  );
  return {
    description: 'in-cluster',
    server: new URL(`https://${isIPv6(host) ? `[${host}]` : host}:${port}`),
    namespace,
    async read() {
      try {
        const [token, ca] = await Promise.all([readFile(tokenFile, 'utf8'), readFile(caFile)]);
        return { headers: { authorization: `Bearer ${token.trim()}` }, tls: { ca } };
      } catch (cause) {
        throw new ApiError('ERR_K8S_CREDENTIALS', `cannot read the ServiceAccount in ${folder}`, { cause });
      }
    },
  };
}
