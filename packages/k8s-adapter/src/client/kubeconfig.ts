import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { delimiter, join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { ApiError } from './api-error.ts';
import type { CredentialSource, Credentials } from './credentials.ts';

/** The files to merge: the one named, else those of KUBECONFIG, else `~/.kube/config` where it exists. */
export async function kubeconfigFiles(
  kubeconfigPath: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly explicit: readonly string[]; readonly home: readonly string[] }> {
  if (kubeconfigPath !== undefined && kubeconfigPath !== '') return { explicit: [kubeconfigPath], home: [] };
  const explicit = (env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
  const home = env['HOME'];
  if (home === undefined || home === '') return { explicit, home: [] };
  const path = join(home, '.kube', 'config');
  const readable = await access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
  return { explicit, home: readable ? [path] : [] };
}

function flatHeaders(options: RequestOptions): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    // A token file ends in a newline more often than not, and a newline is no header.
    if (value !== undefined) headers[name.toLowerCase()] = String(value).trim();
  }
  if (typeof options.auth === 'string') {
    headers['authorization'] ??= `Basic ${Buffer.from(options.auth).toString('base64')}`;
  }
  return headers;
}

async function readCredentials(config: KubeConfig, proxied: boolean): Promise<Credentials> {
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const { ca, cert, key, passphrase, pfx, servername, rejectUnauthorized, agent } = options;
  return {
    headers: flatHeaders(options),
    tls: {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(passphrase === undefined ? {} : { passphrase }),
      ...(pfx === undefined ? {} : { pfx }),
      ...(servername === undefined ? {} : { servername }),
      ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
    },
    ...(proxied && typeof agent === 'object' ? { proxyAgent: agent } : {}),
  };
}

/**
 * What may be told of a failure, as causes are logged: js-yaml quotes the lines around a mistake and JSON.parse what it
 * could not read, and either may be a token or a key.
 */
function withoutContents(cause: unknown): unknown {
  if (cause instanceof SyntaxError) return new Error('not JSON');
  if (!(cause instanceof Error) || !('mark' in cause)) return cause;
  const reason = 'reason' in cause && typeof cause.reason === 'string' ? cause.reason : 'not YAML';
  const { mark } = cause;
  const line = typeof mark === 'object' && mark !== null && 'line' in mark ? Number(mark.line) + 1 : undefined;
  return new Error(line === undefined ? reason : `line ${line}: ${reason}`);
}

/** Credentials from kubeconfig files, with all that client-node's KubeConfig knows: exec plugins, OIDC, certificates, proxies. */
export async function kubeconfigCredentials(files: readonly string[]): Promise<CredentialSource> {
  const description = files.join(delimiter);
  // Loaded only here: inside a cluster nobody needs it.
  const { KubeConfig } = await import('@kubernetes/client-node/dist/config.js');
  const config = new KubeConfig();
  try {
    for (const [index, file] of files.entries()) {
      if (index === 0) {
        config.loadFromFile(file);
      } else {
        const more = new KubeConfig();
        more.loadFromFile(file);
        config.mergeConfig(more, true);
      }
    }
  } catch (error) {
    const cause = withoutContents(error);
    throw new ApiError('ERR_K8S_KUBECONFIG', `cannot read kubeconfig ${description}`, { cause });
  }
  const cluster = config.getCurrentCluster();
  if (cluster === null) {
    const context = JSON.stringify(config.getCurrentContext() ?? '');
    throw new ApiError('ERR_K8S_KUBECONFIG', `kubeconfig ${description}: current-context ${context} names no cluster`);
  }
  if (!URL.canParse(cluster.server) || !/^https?:/.test(cluster.server)) {
    throw new ApiError(
      'ERR_K8S_KUBECONFIG',
      `kubeconfig ${description}: not an http or https URL: ${JSON.stringify(cluster.server)}`,
    );
  }
  const server = new URL(cluster.server);
  // KubeConfig refuses http: unless the cluster says so; there is no certificate to verify on it.
  if (server.protocol === 'http:') {
    config.clusters = config.clusters.map((known) =>
      known.name === cluster.name ? { ...known, skipTLSVerify: true } : known,
    );
  }
  const proxied = typeof cluster.proxyUrl === 'string' && cluster.proxyUrl !== '';
  return {
    description,
    server,
    namespace: config.getContextObject(config.getCurrentContext())?.namespace,
    async read() {
      try {
        return await readCredentials(config, proxied);
      } catch (error) {
        const cause = withoutContents(error);
        throw new ApiError('ERR_K8S_CREDENTIALS', `cannot get the credentials of kubeconfig ${description}`, { cause });
      }
    },
  };
}
