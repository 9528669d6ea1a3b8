/** A kubeconfig for one server and one token. */

import { stringify } from 'yaml';

export function kubeconfigFor(url: string, token: string): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'memory',
    // Clients in JavaScript refuse plain http unless they are told not to verify.
    clusters: [{ name: 'memory', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'memory', context: { cluster: 'memory', user: 'admin', namespace: 'default' } }],
  });
}
