import type { Because, ServiceEvent } from '../converge/convergence.ts';
import type { AssignConfig } from '../converge/pool-order.ts';
import type { ServiceView } from '../service/service-view.ts';
import type { StatusWrite } from '../service/status-write.ts';

/** Which Service, and which of those that had its name. */
export interface ServiceReference {
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** What can happen to an assigner. */
export type AssignerEvent =
  /** A Service was added or changed. Repeating it is harmless. */
  | { readonly type: 'serviceChanged'; readonly service: ServiceView }
  | { readonly type: 'serviceDeleted'; readonly key: string }
  /** Every Service that exists has been told of. Nobody is served before. */
  | { readonly type: 'servicesSynced' }
  /** `undefined`: it could not be read; what was in force stays in force. */
  | { readonly type: 'configChanged'; readonly config: AssignConfig | undefined }
  /** The API server took what `writeStatus` asked for. */
  | { readonly type: 'statusWritten'; readonly key: string; readonly uid: string; readonly resourceVersion: string }
  /** It has a newer Service, which the watch will bring. */
  | { readonly type: 'statusConflict'; readonly key: string; readonly uid: string }
  /** It said something else, or nothing. */
  | { readonly type: 'statusWriteFailed'; readonly key: string; readonly uid: string }
  /** The time that `retryLater` asked for has passed. */
  | { readonly type: 'retryService'; readonly key: string }
  /**
   * Another controller decides from now on. What was asked to be written and is not yet is forgotten, here and by the
   * caller; an answer that still comes is nothing to us. Repeating it is harmless.
   */
  | { readonly type: 'stoodDown' }
  /** Nobody else decides any more: everything recorded is claimed, then everybody is served, as on start. */
  | { readonly type: 'tookOver' };

/** What the caller must now do, in this order. */
export type AssignerEffect =
  | {
      /** Write this; the next write of this Service comes after an answer. */
      readonly type: 'writeStatus';
      readonly service: ServiceReference;
      /** The write is meant for this version and no other. */
      readonly resourceVersion: string;
      readonly write: StatusWrite;
      readonly because: Because;
    }
  | { readonly type: 'postEvent'; readonly service: ServiceReference; readonly event: ServiceEvent }
  /** A write was refused or failed: send `retryService` after a while, and after a longer one each time. */
  | { readonly type: 'retryLater'; readonly key: string };
