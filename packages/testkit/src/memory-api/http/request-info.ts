/** Which resource a URL names (k8s.io/apiserver/pkg/endpoints/request, `RequestInfo`). */

export interface ResourcePath {
  readonly group: string;
  readonly version: string;
  readonly namespace: string | undefined;
  readonly plural: string;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

/** The resource of a path such as `/apis/apps/v1/namespaces/default/deployments/nginx/scale`; undefined for another path. */
export function parseResourcePath(path: string): ResourcePath | undefined {
  const parts = path.split('/').filter(Boolean).map(decodeURIComponent);
  const isCore = parts[0] === 'api';
  if (!isCore && parts[0] !== 'apis') return undefined;
  const group = isCore ? '' : parts[1];
  const version = isCore ? parts[1] : parts[2];
  const rest = parts.slice(isCore ? 2 : 3);
  if (group === undefined || version === undefined || rest[0] === undefined) return undefined;
  // /namespaces/NAME/PLURAL is inside a namespace; /namespaces/NAME/status is a namespace's own.
  const isInside = rest[0] === 'namespaces' && rest[2] !== undefined && rest[2] !== 'status' && rest[2] !== 'finalize';
  const namespace = isInside ? rest[1] : undefined;
  const [plural, name, subresource] = isInside ? rest.slice(2) : rest;
  if (plural === undefined) return undefined;
  return { group, version, namespace, plural, name, subresource };
}
