import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from '@steelyard/testkit';

/** What every object has. */
export interface Named {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly resourceVersion?: string };
}

/** Lists and watches without end, as an informer: `cache` is always what was heard last. */
export async function follow<T extends Named>(
  kube: ApiClient,
  path: string,
  { onChange, onListed }: { onChange(key: string, object: T | undefined): void; onListed(): void },
): Promise<never> {
  const known = new Set<string>();
  const tell = (object: T, there: boolean): void => {
    const { namespace = '', name } = object.metadata;
    const key = `${namespace}/${name}`;
    if (there) known.add(key);
    else known.delete(key);
    onChange(key, there ? object : undefined);
  };
  for (;;) {
    try {
      const list = (await kube.get(path)) as { metadata: { resourceVersion: string }; items: readonly T[] };
      const listed = new Set(list.items.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`));
      for (const key of [...known]) {
        if (listed.has(key)) continue;
        known.delete(key);
        onChange(key, undefined);
      }
      for (const object of list.items) tell(object, true);
      onListed();
      const watch = `${path}?watch=true&resourceVersion=${list.metadata.resourceVersion}`;
      await kube.watch(watch, new AbortController().signal, ({ type, object }) => {
        if (type === 'ERROR') throw new Error(`watch of ${path}: ${JSON.stringify(object)}`);
        if (type !== 'BOOKMARK') tell(object as unknown as T, type !== 'DELETED');
      });
    } catch (error) {
      process.stdout.write(`${JSON.stringify({ level: 'error', path, error: String(error) })}\n`);
    }
    await sleep(100);
  }
}
