/** What is answered at which path. */

import type { ServerResponse } from 'node:http';
import type { JsonObject } from '../json-value.ts';
import type { ResourceKind } from '../kinds/resource-kind.ts';
import type { KubeObject } from '../kube-object.ts';
import { methodNotAllowed, noSuchPath, StatusError } from '../status-error.ts';
import { readWatch, type Watch } from '../store/watch.ts';
import {
  aggregatedDiscovery,
  coreVersions,
  groupList,
  oneGroup,
  openApiIndex,
  openApiOf,
  resourceList,
} from './discovery.ts';
import { type Handler, type ReceivedRequest, writeJson, writeText } from './http-server.ts';
import { parseResourcePath } from './request-info.ts';
import { answerResourceRequest, type Backend, present, type ResourceRequest } from './resource-requests.ts';

export interface ApiServer extends Backend {
  readonly gitVersion: string;
  readonly token: string;
  readonly kinds: () => readonly ResourceKind[];
  /** Watches that are open. */
  readonly watches: Set<Watch>;
}

const HEALTH_PATHS = new Set(['/healthz', '/livez', '/readyz']);

export function createHandler(server: ApiServer): Handler {
  return (request, response) => {
    const { pathname } = request.url;
    if (HEALTH_PATHS.has(pathname)) return writeText(response, 200, 'ok');
    checkToken(server, request);
    const path = parseResourcePath(pathname);
    const kind =
      path &&
      server
        .kinds()
        .find((one) => one.group === path.group && one.version === path.version && one.plural === path.plural);
    if (!path || !kind || (path.namespace !== undefined && !kind.namespaced)) {
      return answerDiscovery(server, request, response);
    }
    if (kind.namespaced && path.namespace === undefined && path.name !== undefined) throw noSuchPath();
    const resourceRequest: ResourceRequest = {
      method: request.method,
      path,
      kind,
      query: request.url.searchParams,
      contentType: (request.headers['content-type'] ?? '').split(';')[0] ?? '',
      accept: request.headers.accept ?? '',
      body: request.body,
    };
    const watch = request.url.searchParams.get('watch');
    if (request.method === 'GET' && (watch === 'true' || watch === '1')) {
      return streamWatch(server, resourceRequest, response);
    }
    const { code, body } = answerResourceRequest(server, resourceRequest);
    writeJson(response, code, body);
  };
}

/** No credentials are taken, wrong ones are not: client-go sends none over plain http, whatever its kubeconfig says. */
function checkToken(server: ApiServer, request: ReceivedRequest): void {
  const { authorization } = request.headers;
  if (authorization === undefined || authorization === `Bearer ${server.token}`) return;
  throw new StatusError(401, 'Unauthorized', 'Unauthorized');
}

function pageNotFound(response: ServerResponse): void {
  writeText(response, 404, '404 page not found\n');
}

function answerDiscovery(server: ApiServer, request: ReceivedRequest, response: ServerResponse): void {
  const { pathname } = request.url;
  const kinds = server.kinds();
  const accept = request.headers.accept ?? '';
  if (pathname === '/api' || pathname === '/apis') {
    const form = /g=apidiscovery\.k8s\.io;v=(v2|v2beta1);as=APIGroupDiscoveryList/.exec(accept)?.[1];
    if (form === 'v2' || form === 'v2beta1') {
      const type = `application/json;g=apidiscovery.k8s.io;v=${form};as=APIGroupDiscoveryList`;
      response.setHeader('Content-Type', type);
      response.end(JSON.stringify(aggregatedDiscovery(kinds, pathname === '/api', form)));
      return;
    }
  }
  const answer = discoveryDocument(server, pathname, request.headers.host ?? '');
  const path = parseResourcePath(pathname);
  if (
    answer === undefined &&
    kinds.some((one) => !one.custom && one.group === path?.group && one.version === path.version)
  ) {
    throw noSuchPath();
  }
  if (answer === undefined) pageNotFound(response);
  else if (request.method === 'GET') writeJson(response, 200, answer);
  else throw methodNotAllowed();
}

function discoveryDocument(server: ApiServer, pathname: string, host: string): JsonObject | undefined {
  const kinds = server.kinds();
  const [first, second, third, fourth, fifth] = pathname.split('/').filter(Boolean);
  if (pathname === '/api') return coreVersions(host);
  if (pathname === '/apis') return groupList(kinds);
  if (pathname === '/version') return versionInfo(server.gitVersion);
  if (pathname === '/openapi/v3') return openApiIndex(kinds);
  if (first === 'openapi' && second === 'v3' && fourth) {
    return third === 'api' ? openApiOf(kinds, '', fourth) : fifth ? openApiOf(kinds, fourth, fifth) : undefined;
  }
  if (first === 'api' && second && !third) return resourceList(kinds, '', second);
  if (first === 'apis' && second && !third) return oneGroup(kinds, second);
  if (first === 'apis' && second && third && !fourth) return resourceList(kinds, second, third);
  return undefined;
}

function versionInfo(gitVersion: string): JsonObject {
  const [, major = '', minor = ''] = /^v(\d+)\.(\d+)/.exec(gitVersion) ?? [];
  return {
    major,
    minor,
    gitVersion,
    gitCommit: '',
    gitTreeState: 'clean',
    buildDate: '',
    goVersion: '',
    compiler: '',
    platform: 'linux/amd64',
  };
}

/** A client that reads nothing must not fill the memory: it is cut off, as by a real server. */
const MOST_UNREAD_OCTETS = 64 * 1024 * 1024;

function streamWatch(server: ApiServer, request: ResourceRequest, response: ServerResponse): void {
  const { kind, path, query } = request;
  // A watch on one object by its name is a watch with a field selector.
  if (path.name !== undefined) query.set('fieldSelector', `metadata.name=${path.name}`);
  const start = readWatch(server.storage, kind, path.namespace, query);
  response.writeHead(200, { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' });
  response.flushHeaders();
  let columnsSent = false;
  const watch = start((type, object) => {
    let shown: unknown = object;
    if (type !== 'ERROR') shown = present(server, request, object as KubeObject);
    if (isTable(shown)) {
      if (type === 'BOOKMARK') shown.rows = [];
      // The columns come once, with the first event.
      if (columnsSent) shown.columnDefinitions = null;
      columnsSent = true;
    }
    if (response.writableLength > MOST_UNREAD_OCTETS) response.destroy();
    else response.write(`${JSON.stringify({ type, object: shown })}\n`);
  });
  server.watches.add(watch);
  const seconds = Number(query.get('timeoutSeconds') ?? 0);
  const timer = seconds > 0 ? setTimeout(() => response.end(), seconds * 1000) : undefined;
  response.on('close', () => {
    clearTimeout(timer);
    watch.end();
    server.watches.delete(watch);
  });
}

function isTable(value: unknown): value is { rows: unknown; columnDefinitions: unknown } {
  return typeof value === 'object' && value !== null && 'columnDefinitions' in value;
}
