import { projectService, type ServiceView } from '@steelyard/assign';
import { projectWritableMetadata, type ServiceStatusWrite } from '@steelyard/k8s-adapter';

/** What the controller keeps of a Service: what decisions depend on, and what a write of its status must carry. */
export interface WatchedService {
  readonly view: ServiceView;
  readonly writable: ServiceStatusWrite;
}

/** Reduces a Service as the API server sends it; undefined for what has no identity. */
export function projectWatchedService(object: Readonly<Record<string, unknown>>): WatchedService | undefined {
  const view = projectService(object);
  const metadata = projectWritableMetadata(object);
  if (view === undefined || metadata === undefined) return undefined;
  const status = object['status'];
  const conditions = typeof status === 'object' && status !== null && 'conditions' in status ? status.conditions : [];
  return {
    view,
    writable: {
      metadata,
      status: {
        loadBalancer: {
          ingress: view.ingress.map(({ ip, hostname }) => (hostname === '' ? { ip } : { ip, hostname })),
        },
        ...(Array.isArray(conditions) && conditions.length > 0 ? { conditions } : {}),
      },
    },
  };
}
