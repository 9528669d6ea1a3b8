import { projectServiceForAnnouncement, type ServiceAnnouncementView } from '@steelyard/announce';
import { type InvolvedObject, structurallyEqual } from '@steelyard/k8s-adapter';

/** What the speaker keeps of a Service: what its announcement depends on, and where its Events go. */
export interface WatchedService {
  readonly view: ServiceAnnouncementView;
  readonly object: InvolvedObject;
}

/** Reduces a Service as the API server sends it; undefined for what is none, and for those that are no load balancers. */
export function projectWatchedService(object: Readonly<Record<string, unknown>>): WatchedService | undefined {
  const view = projectServiceForAnnouncement(object);
  if (view === undefined || view.type !== 'LoadBalancer') return undefined;
  const metadata = object['metadata'] as Readonly<Record<string, unknown>>;
  const [namespace = '', name = ''] = view.key.split('/');
  const { uid, resourceVersion } = metadata;
  return {
    view,
    object: {
      apiVersion: 'v1',
      kind: 'Service',
      namespace,
      name,
      uid: typeof uid === 'string' ? uid : '',
      resourceVersion: typeof resourceVersion === 'string' ? resourceVersion : '',
    },
  };
}

/** A new version alone is no change. */
export function sameAnnouncement(a: WatchedService, b: WatchedService): boolean {
  return a.object.uid === b.object.uid && structurallyEqual(a.view, b.view);
}
