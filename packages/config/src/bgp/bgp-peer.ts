import type { ObjectReference, Problem } from '../problem/problem.ts';
import type { ParsedLabelSelector } from '../selectors/label-selector.ts';
import type { ParsedBfdProfile } from './bfd-profile.ts';
import type { SecretText } from './secret-text.ts';

/** A BGPPeer, checked. */
export interface ParsedBgpPeer {
  readonly name: string;
  readonly object: ObjectReference;
  readonly myAsn: number;
  /** The peer's number, or that any is taken that makes it an internal or an external peer. */
  readonly peerAsn: number | 'internal' | 'external';
  /** Shown to the peer in the place of `myAsn`. */
  readonly localAsn?: number | undefined;
  /** In canonical text. A peer has either an address or an interface. */
  readonly address?: string | undefined;
  /** Where an unnumbered peer is found. */
  readonly interface?: string | undefined;
  readonly sourceAddress?: string | undefined;
  readonly port: number;
  /** Whole seconds: 0, or 3 to 65535. */
  readonly holdTimeSeconds?: number | undefined;
  readonly keepaliveTimeMs?: number | undefined;
  readonly connectTimeSeconds?: number | undefined;
  /** In canonical text. */
  readonly routerId?: string | undefined;
  /** One must match the node's labels; empty takes all nodes. */
  readonly nodeSelectors: readonly ParsedLabelSelector[];
  /** Of `password` or `passwordSecret`. */
  readonly password?: SecretText | undefined;
  /** The Secret that `passwordSecret` names. */
  readonly passwordSecretName?: string | undefined;
  /** The BFDProfile that it names; without its echo mode where that is not possible. */
  readonly bfdProfile?: ParsedBfdProfile | undefined;
  readonly enableGracefulRestart: boolean;
  readonly ebgpMultiHop: boolean;
  readonly vrf?: string | undefined;
  readonly dualStackAddressFamily: boolean;
  /** The first error in the object; what is here is what it was before. */
  readonly invalid?: Problem | undefined;
}
