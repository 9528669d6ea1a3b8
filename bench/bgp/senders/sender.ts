import type { Namespace } from '@steelyard/testkit';
import type { Profile } from '../prefixes.ts';

/** What a sender is to announce, and to whom. */
export interface SenderOptions {
  readonly asn: number;
  /** Its own, which is its BGP Identifier too. */
  readonly address: string;
  readonly peers: readonly { readonly address: string; readonly asn: number }[];
  readonly count: number;
  readonly profile: Profile;
  readonly holdTimeSeconds: number;
}

/** A speaker that has loaded its routes, and connects as soon as it can. */
export interface Sender extends AsyncDisposable {
  readonly pid: number;
  /** Tells it of one more route in its own way; undefined where it has none that is worth measuring. */
  readonly add: ((prefix: string) => Promise<void>) | undefined;
  readonly remove: ((prefixes: readonly string[]) => Promise<void>) | undefined;
}

export interface SenderKind {
  readonly name: 'steelyard' | 'bird' | 'frr' | 'gobgp' | 'exabgp';
  /** What it is compared by. */
  readonly profiles: readonly Profile[];
  start(namespace: Namespace, options: SenderOptions): Promise<Sender>;
}
