/** What goes because something else went: dependents of a deleted owner, and all that a deleted namespace held. */

import { isJsonObject } from '../json-value.ts';
import type { ResourceKind } from '../kinds/resource-kind.ts';
import type { KubeObject } from '../kube-object.ts';
import { StatusError } from '../status-error.ts';
import type { Registry } from './registry.ts';
import type { Change, Storage } from './storage.ts';

/** Follows the storage until the returned function is called. */
export function collectGarbage(storage: Storage, registry: Registry, kinds: () => readonly ResourceKind[]): () => void {
  /** From the uid of an owner to its dependents. */
  const dependents = new Map<string, Map<string, { kind: ResourceKind; object: KubeObject }>>();

  const kindOf = (change: Change): ResourceKind | undefined =>
    kinds().find((kind) => kind.storage === change.storage && kind.conversion === undefined);

  const deleteLater = (kind: ResourceKind, object: KubeObject): void => {
    const { namespace, name, uid } = object.metadata;
    setImmediate(() => {
      try {
        registry.delete(kind, namespace, name, { ...(uid && { preconditions: { uid } }) });
      } catch (error) {
        // Gone already, or another one of the same name: nothing is left to do.
        if (!(error instanceof StatusError)) throw error;
      }
    });
  };

  const noteOwners = (kind: ResourceKind, change: Change): void => {
    const { uid = '', ownerReferences = [] } = change.object.metadata;
    for (const owner of ownerReferences) {
      const ofOwner = dependents.get(owner.uid) ?? new Map();
      if (change.type === 'DELETED') ofOwner.delete(uid);
      else ofOwner.set(uid, { kind, object: change.object });
      dependents.set(owner.uid, ofOwner);
    }
  };

  const finishNamespaces = (name: string | undefined): void => {
    if (name === undefined) return;
    const namespace = storage.get('namespaces', undefined, name);
    if (namespace?.metadata.deletionTimestamp === undefined) return;
    const isEmpty = kinds().every(
      (kind) => !kind.namespaced || storage.list(kind.storage).every((object) => object.metadata.namespace !== name),
    );
    if (isEmpty) storage.remove('namespaces', { ...namespace, spec: {} });
  };

  return storage.subscribe((change) => {
    const kind = kindOf(change);
    if (kind === undefined) return;
    noteOwners(kind, change);
    if (change.type === 'DELETED') {
      const ofOwner = dependents.get(change.object.metadata.uid ?? '');
      for (const { kind, object } of ofOwner?.values() ?? []) {
        // It may have got another owner since.
        const now = storage.get(kind.storage, object.metadata.namespace, object.metadata.name);
        const owners = now?.metadata.ownerReferences ?? [];
        if (owners.some(({ uid }) => uid === change.object.metadata.uid)) deleteLater(kind, object);
      }
      dependents.delete(change.object.metadata.uid ?? '');
      setImmediate(() => finishNamespaces(change.object.metadata.namespace));
    }
    if (kind.plural === 'namespaces' && change.type === 'MODIFIED' && isJsonObject(change.object['status'])) {
      const { name, deletionTimestamp } = change.object.metadata;
      if (deletionTimestamp === undefined) return;
      for (const inside of kinds().filter((one) => one.namespaced && one.conversion === undefined)) {
        for (const object of storage.list(inside.storage)) {
          if (object.metadata.namespace === name) deleteLater(inside, object);
        }
      }
      setImmediate(() => setImmediate(() => finishNamespaces(name)));
    }
  });
}
