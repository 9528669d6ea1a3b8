import type { Sharing } from '@steelyard/ipam';
import { ALLOW_SHARED_IP, annotation } from './annotations.ts';
import type { ServiceView } from './service-view.ts';

/**
 * What decides with whom a Service may share an address.
 *
 * The backend key is empty for externalTrafficPolicy Cluster, where it does not matter on which node the backends are;
 * for Local it is the selector as `labels.Set.String` writes it, sorted.
 *
 * @see MetalLB `internal/allocator/k8salloc/k8salloc.go`
 */
export function sharingOf(service: ServiceView): Sharing {
  const selector = [...service.selector].map(([name, value]) => `${name}=${value}`).sort((a, b) => (a < b ? -1 : 1));
  return {
    sharingKey: annotation(service.annotations, ALLOW_SHARED_IP),
    backendKey: service.externalTrafficPolicy === 'Local' ? selector.join(',') : '',
    ports: service.ports,
  };
}
