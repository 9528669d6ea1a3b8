import type { Layer2Entry, Layer2EntryKey } from '@steelyard/announce';
import type { Sha256 } from '@steelyard/election';
import type { Link } from '@steelyard/linux-socket/link';
import type { WireReport } from '../protocol/report.ts';
import type { Family, NetworkFacts } from './interfaces.ts';
import type { Members } from './outcome.ts';

/** Whose reconciliation it is. */
export interface ReconcileConfig {
  readonly nodeName: string;
  readonly announceOwnAddresses: boolean;
  readonly sha256: Sha256;
}

/** What can happen. */
export type ReconcileEvent =
  /** Entries of a snapshot that is still coming in. They are ranked, and change nothing. */
  | { readonly type: 'staged'; readonly entries: readonly Layer2Entry[] }
  | {
      readonly type: 'snapshot';
      readonly entries: ReadonlyMap<string, Layer2Entry>;
      /** Whether what is not among `entries` is to be withdrawn. */
      readonly complete: boolean;
      /** While false nobody is elected. After a snapshot with all Nodes, one without changes nothing. */
      readonly nodesSynced: boolean;
    }
  | { readonly type: 'change'; readonly upserts: readonly Layer2Entry[]; readonly removals: readonly Layer2EntryKey[] }
  | { readonly type: 'networkChanged'; readonly network: NetworkFacts }
  | { readonly type: 'membersChanged'; readonly members: Members }
  /** Others took this speaker for dead, and may have announced what it owns. */
  | { readonly type: 'presumedDead' }
  /** This speaker has said goodbye. It keeps what it has until somebody else announces it, and takes nothing more. */
  | { readonly type: 'leaving' }
  /** Another host announces an address. */
  | { readonly type: 'takenOver'; readonly interfaceName: string; readonly address: string }
  /** An address that was to be yielded was not announced by another host in time. `turn` is the effect's. */
  | { readonly type: 'yieldOver'; readonly address: string; readonly turn: number };

/** What the caller must now do, in this order. */
export type ReconcileEffect =
  | { readonly type: 'openResponder'; readonly family: Family; readonly interfaceName: string; readonly link: Link }
  | { readonly type: 'linkChanged'; readonly family: Family; readonly interfaceName: string; readonly link: Link }
  | { readonly type: 'closeResponder'; readonly family: Family; readonly interfaceName: string }
  | { readonly type: 'own'; readonly interfaceName: string; readonly address: string }
  | { readonly type: 'disown'; readonly interfaceName: string; readonly address: string }
  /** Neighbours may have heard another speaker meanwhile. */
  | { readonly type: 'announceAgain'; readonly interfaceName: string; readonly address: string }
  /** Another speaker owns it now: it is answered for until that one is heard. Give a `yieldOver` after a while. */
  | { readonly type: 'yield'; readonly address: string; readonly turn: number }
  | { readonly type: 'report'; readonly report: WireReport };
