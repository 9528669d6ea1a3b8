import type { Interfaces, OwnAddressReason } from '@steelyard/announce';
import type { ElectionReason } from '@steelyard/election';

/** Why an address of a Service is not announced by this node. */
export type WithdrawnReason =
  | 'NoLongerDesired'
  | 'NodesUnknown' // Nodes have not all been listed, so nobody is elected yet
  | 'MembersUnknown' // the gossip has not been joined yet, so nobody is elected
  | 'NotOwner' // another node announces it
  | 'NoCandidate'
  | 'NoLivingCandidate'
  | OwnAddressReason
  | 'NoUsableInterface';

/** What became of the desired state. */
export type WireReport =
  | {
      readonly type: 'announced';
      readonly serviceKey: string;
      readonly address: string;
      readonly interfaces: Interfaces;
      readonly because: ElectionReason;
      /** False when it was announced before already and this only says so again, to a new session. */
      readonly fresh: boolean;
    }
  | {
      readonly type: 'withdrawn';
      readonly serviceKey: string;
      readonly address: string;
      readonly because: WithdrawnReason;
      /** The node that announces it, if another one does. */
      readonly owner: string | undefined;
      /** Whether this node announced it until now. */
      readonly wasAnnounced: boolean;
      /** False when it was so before already and this only says so again, to a new session. */
      readonly fresh: boolean;
    }
  | {
      /** This node is elected, but has none of the interfaces: MetalLB's Event `announceFailed`. Not announced. */
      readonly type: 'interfaceMissing';
      readonly serviceKey: string;
      readonly address: string;
      readonly interfaces: readonly string[];
      readonly wasAnnounced: boolean;
      /** False when it was missing before already and this only says so again, to a new session. */
      readonly fresh: boolean;
    }
  | {
      readonly type: 'conflict';
      readonly address: string;
      /** Whose address it is. */
      readonly serviceKeys: readonly string[];
      readonly interfaceName: string;
      readonly ourMac: string;
      readonly theirMac: string;
      /** What the claim came in: ARP's, or neighbour discovery's. */
      readonly kind: 'request' | 'reply' | 'probe' | 'advertisement';
    }
  | BgpSessionReport
  | {
      /** A Service whose addresses this node announces by BGP, or announces no more. */
      readonly type: 'bgpService';
      readonly serviceKey: string;
      readonly announced: boolean;
      /** False when it was so before already and this only says so again, to a new session. */
      readonly fresh: boolean;
    }
  | {
      /** Said to each control thread at first, and whenever it changes. */
      readonly type: 'state';
      /** The interfaces that are announced on. */
      readonly interfaces: readonly string[];
      /** Whether it is known who takes part in the gossip; true where there is none. */
      readonly membersKnown: boolean;
    };

/** What there is to say of a BGP session: to each control thread at first, and whenever it changes. */
export interface BgpSessionReport {
  readonly type: 'bgpSession';
  /** Of the BGPPeer. */
  readonly peer: string;
  /** False where the session ends because the peer is no longer wanted: nothing follows of it. */
  readonly wanted: boolean;
  /** RFC 4271's. */
  readonly state: 'Idle' | 'Connect' | 'Active' | 'OpenSent' | 'OpenConfirm' | 'Established';
  /** Since when it is in this state, or in none that is Established: milliseconds since 1970. */
  readonly sinceMs: number;
  readonly peerAddress: string;
  readonly peerPort: number;
  readonly localAsn: number;
  readonly peerAsn: number | 'internal' | 'external';
  /** Once there was a session. */
  readonly localAddress: string | undefined;
  /** The own BGP identifier. */
  readonly routerId: string | undefined;
  /** The peer's. */
  readonly peerIdentifier: string | undefined;
  readonly holdTimeSeconds: number | undefined;
  readonly keepaliveTimeMs: number | undefined;
  /** In words. */
  readonly sentCapabilities: readonly string[];
  readonly receivedCapabilities: readonly string[];
  /** What ended the last session or attempt, in words, with what to do. */
  readonly lastError: string | undefined;
  readonly lastErrorAtMs: number | undefined;
  /** Why some prefixes cannot go this way, if any cannot. */
  readonly unsendableBecause: string | undefined;
  /** What happened, if this is said because something happened. */
  readonly event: 'established' | 'down' | 'attemptFailed' | 'refused' | undefined;
}
