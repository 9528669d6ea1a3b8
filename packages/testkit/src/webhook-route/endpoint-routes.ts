import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { stringify } from 'yaml';

/**
 * Ways from an API server to the endpoints of Services, that need neither a
 * link nor rights: what it dials comes through this process.
 *
 * EndpointSlices refuse loopback addresses, and a machine may have no others.
 * So the addresses are made up, and kube-apiserver is told, as clusters do
 * whose Pods it cannot reach, to dial them through a proxy: webhooks that are
 * named by a Service take this way, and nothing else does.
 *
 * @see kube-apiserver's `--egress-selector-config-file`, KEP-1281
 */
export interface EndpointRoutes extends AsyncDisposable {
  /** For `openRealControlPlane({ apiServerFlags })`. */
  readonly apiServerFlags: readonly string[];
  /** From now on a dialled endpoint is connected to a port, or a unix socket, of this machine. */
  set(endpoint: { readonly address: string; readonly port: number }, to: NetConnectOpts): void;
  /** From now on it refuses connections; those that stand are broken. */
  delete(endpoint: { readonly address: string; readonly port: number }): void;
  /** Every endpoint that was dialled, with or without success. */
  readonly dialled: readonly string[];
  close(): Promise<void>;
}

/** Opens the ways, before the API server is started. */
export async function openEndpointRoutes(): Promise<EndpointRoutes> {
  const folder = await mkdtemp(join(tmpdir(), 'routes-'));
  const proxyPath = join(folder, 's');
  const configurationPath = join(folder, 'egress.yaml');
  const routes = new Map<string, { readonly to: NetConnectOpts; readonly standing: Set<Duplex> }>();
  const dialled: string[] = [];

  const server = createServer((_request, response) => response.writeHead(405).end());
  server.on('connect', ({ url = '' }, outside: Duplex) => {
    dialled.push(url);
    outside.on('error', () => outside.destroy());
    const route = routes.get(url);
    if (route === undefined) {
      outside.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
      return;
    }
    const endpoint = connect(route.to);
    endpoint.once('error', () => outside.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
    endpoint.once('connect', () => {
      outside.write('HTTP/1.1 200 Connection established\r\n\r\n');
      joinStreams(outside, endpoint);
      route.standing.add(outside);
      outside.once('close', () => route.standing.delete(outside));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(proxyPath, resolve);
  });
  await writeFile(configurationPath, stringify(egressConfiguration(proxyPath)));

  const remove = (key: string): void => {
    const route = routes.get(key);
    routes.delete(key);
    for (const socket of route?.standing ?? []) socket.destroy();
  };
  const close = async (): Promise<void> => {
    for (const key of [...routes.keys()]) remove(key);
    if (server.listening) {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    }
    await rm(folder, { recursive: true, force: true });
  };
  return {
    apiServerFlags: [`--egress-selector-config-file=${configurationPath}`],
    dialled,
    set: (endpoint, to) => {
      remove(keyOf(endpoint));
      routes.set(keyOf(endpoint), { to, standing: new Set() });
    },
    delete: (endpoint) => remove(keyOf(endpoint)),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function egressConfiguration(proxyPath: string): object {
  const connection = { proxyProtocol: 'HTTPConnect', transport: { uds: { udsName: proxyPath } } };
  return {
    apiVersion: 'apiserver.k8s.io/v1beta1',
    kind: 'EgressSelectorConfiguration',
    egressSelections: [{ name: 'cluster', connection }],
  };
}

/** As the target of a CONNECT is written (RFC 9110, section 9.3.6). */
function keyOf({ address, port }: { readonly address: string; readonly port: number }): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}

function joinStreams(outside: Duplex, endpoint: Socket): void {
  for (const [one, other] of [
    [outside, endpoint],
    [endpoint, outside],
  ] as const) {
    one.pipe(other);
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
}
