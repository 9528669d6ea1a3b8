import type { ApiClient } from '@steelyard/testkit';
import { addressOf, SERVICES } from './services.ts';

/** When addresses appeared in statuses, as a watch of this process saw it. */
export interface StatusWatch {
  /** Name of the Service → its address, and when it was first seen by the monotonic clock. */
  readonly served: ReadonlyMap<string, { readonly address: string; readonly seenNs: bigint }>;
  close(): Promise<void>;
}

/** Watches Services; those that are served already are not told. */
export async function watchStatus(client: ApiClient): Promise<StatusWatch> {
  const served = new Map<string, { readonly address: string; readonly seenNs: bigint }>();
  const list = (await client.get(`${SERVICES}?limit=1`)) as { metadata: { resourceVersion: string } };
  const abort = new AbortController();
  const path = `${SERVICES}?watch=true&resourceVersion=${list.metadata.resourceVersion}`;
  const watching = client.watch(path, abort.signal, ({ object }) => {
    const seenNs = process.hrtime.bigint();
    const { name } = object.metadata;
    const address = addressOf(object);
    if (address !== undefined && !served.has(name)) served.set(name, { address, seenNs });
  });
  const ended = watching.catch((error: unknown) => {
    if (!abort.signal.aborted) throw error;
  });
  return {
    served,
    async close() {
      abort.abort();
      await ended;
    },
  };
}
