import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { ControlPlane } from '../kube-lab/index.ts';

/** Whose rights a client is to have. */
export interface ServiceAccountName {
  readonly namespace: string;
  readonly name: string;
}

/**
 * Writes a kubeconfig with a token of a ServiceAccount, so that a process has the very rights that it has in its Pod,
 * and returns its path. The token is good for a day; the file lies in the control plane's folder, and goes with it.
 *
 * The name of the server is pinned: the URL may be relayed, or edited, to any address.
 *
 * @throws Error if there is no such ServiceAccount.
 */
export async function createServiceAccountKubeconfig(
  controlPlane: Pick<ControlPlane, 'kubectl' | 'url' | 'directory' | 'certificateAuthorityPath'>,
  { namespace, name }: ServiceAccountName,
): Promise<string> {
  const token = await controlPlane.kubectl(['create', 'token', name, `--namespace=${namespace}`, '--duration=24h']);
  const authority = await readFile(controlPlane.certificateAuthorityPath);
  const user = `${namespace}.${name}`;
  const path = join(controlPlane.directory, `${user}.kubeconfig`);
  const cluster = {
    server: controlPlane.url,
    'tls-server-name': 'kubernetes',
    'certificate-authority-data': authority.toString('base64'),
  };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': user,
    clusters: [{ name: 'kube-lab', cluster }],
    users: [{ name: user, user: { token: token.trim() } }],
    contexts: [{ name: user, context: { cluster: 'kube-lab', user, namespace } }],
  };
  await writeFile(path, stringify(config), { mode: 0o600 });
  return path;
}
