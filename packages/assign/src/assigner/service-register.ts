import type { ServiceView } from '../service/service-view.ts';
import { createServedService, type ServedService } from './served-service.ts';

/** The Services that an assigner knows of, by key and by namespace. */
export interface ServiceRegister {
  readonly size: number;
  get(key: string): ServedService | undefined;
  add(view: ServiceView): ServedService;
  delete(key: string): void;
  /** In the order in which they were added. */
  all(): Iterable<ServedService>;
  in(namespace: string): Iterable<ServedService>;
}

/** Creates an empty register. */
export function createServiceRegister(): ServiceRegister {
  const byKey = new Map<string, ServedService>();
  const byNamespace = new Map<string, Map<string, ServedService>>();

  return {
    get size() {
      return byKey.size;
    },
    get: (key) => byKey.get(key),
    add(view) {
      const served = createServedService(view);
      byKey.set(view.key, served);
      const inNamespace = byNamespace.get(view.namespace) ?? new Map<string, ServedService>();
      byNamespace.set(view.namespace, inNamespace.set(view.key, served));
      return served;
    },
    delete(key) {
      const served = byKey.get(key);
      if (served !== undefined) {
        const { namespace } = served.view;
        byKey.delete(key);
        byNamespace.get(namespace)?.delete(key);
        if (byNamespace.get(namespace)?.size === 0) {
          byNamespace.delete(namespace);
        }
      }
    },
    all: () => byKey.values(),
    in: (namespace) => byNamespace.get(namespace)?.values() ?? [],
  };
}
