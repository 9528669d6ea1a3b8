import { ApiError } from '../client/api-error.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { metadataOf } from './watch-event.ts';

export interface ListRequest {
  /** Of the collection, without query. */
  readonly path: string;
  /** Selectors. */
  readonly query: Readonly<Record<string, string>>;
  readonly pageLimit: number;
  readonly pageTimeoutMs: number;
  readonly maxPageOctets: number;
  readonly exactIntegers: boolean;
  readonly signal: AbortSignal;
  readonly onItem: (item: unknown) => void;
}

const MAX_PAGES = 10_000;

export function withQuery(path: string, query: Readonly<Record<string, string>>): string {
  const text = new URLSearchParams(query).toString();
  return text === '' ? path : `${path}?${text}`;
}

/** Reads a collection page by page; resolves with the resource version at which it is complete. A 410 inside means: begin anew. */
export async function listPages(client: KubeClient, list: ListRequest): Promise<string> {
  let continueToken = '';
  for (let page = 0; page < MAX_PAGES; page++) {
    const path = withQuery(list.path, {
      ...list.query,
      limit: String(list.pageLimit),
      ...(continueToken === '' ? {} : { continue: continueToken }),
    });
    const { body } = await client.request('GET', path, {
      timeoutMs: list.pageTimeoutMs,
      maxBodyOctets: list.maxPageOctets,
      exactIntegers: list.exactIntegers,
      signal: list.signal,
    });
    const metadata = metadataOf(body);
    const items: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'items') : undefined;
    const resourceVersion = metadata?.['resourceVersion'];
    // `items: null` is how Go writes an empty list.
    if ((!Array.isArray(items) && items !== null) || typeof resourceVersion !== 'string') {
      throw new ApiError('ERR_K8S_BAD_BODY', `GET ${path}: not a list`);
    }
    for (const item of items ?? []) list.onItem(item);
    const next = metadata?.['continue'];
    if (typeof next !== 'string' || next === '') return resourceVersion;
    if (next === continueToken) throw new ApiError('ERR_K8S_BAD_BODY', `GET ${path}: the list does not advance`);
    continueToken = next;
  }
  throw new ApiError('ERR_K8S_BAD_BODY', `GET ${list.path}: a list without end`);
}
