import { boolean, type Decoder, fields, integer, list, secret, text, texts } from './decoder.ts';

// The ConfigMap of MetalLB 0.12, key by key.
// See MetalLB `configmaptocrs/types.go`.

const uint32: Decoder<number> = integer('uint32', 0, 4_294_967_295);
const uint16: Decoder<number> = integer('uint16', 0, 65_535);
const int32: Decoder<number> = integer('int32', -2_147_483_648, 2_147_483_647);

/** Nodes, in the old format: the words are those of a LabelSelector, spelled otherwise. */
export interface LegacyNodeSelector {
  readonly 'match-labels'?: ReadonlyMap<string, string> | undefined;
  readonly 'match-expressions'?: readonly (LegacySelectorRequirement | undefined)[] | undefined;
}
interface LegacySelectorRequirement {
  readonly key?: string | undefined;
  readonly operator?: string | undefined;
  readonly values?: readonly (string | undefined)[] | undefined;
}

export interface LegacyPeer {
  readonly 'my-asn'?: number | undefined;
  readonly 'peer-asn'?: number | undefined;
  readonly 'peer-address'?: string | undefined;
  readonly 'source-address'?: string | undefined;
  readonly 'peer-port'?: number | undefined;
  readonly 'hold-time'?: string | undefined;
  readonly 'keepalive-time'?: string | undefined;
  readonly 'router-id'?: string | undefined;
  readonly 'node-selectors'?: readonly (LegacyNodeSelector | undefined)[] | undefined;
  readonly password?: string | undefined;
  readonly 'bfd-profile'?: string | undefined;
  readonly 'ebgp-multihop'?: boolean | undefined;
}

export interface LegacyBgpAdvertisement {
  readonly 'aggregation-length'?: number | undefined;
  readonly 'aggregation-length-v6'?: number | undefined;
  readonly localpref?: number | undefined;
  readonly communities?: readonly (string | undefined)[] | undefined;
}

export interface LegacyAddressPool {
  readonly name?: string | undefined;
  readonly protocol?: string | undefined;
  readonly addresses?: readonly (string | undefined)[] | undefined;
  readonly 'auto-assign'?: boolean | undefined;
  readonly 'avoid-buggy-ips'?: boolean | undefined;
  readonly 'bgp-advertisements'?: readonly (LegacyBgpAdvertisement | undefined)[] | undefined;
}

export interface LegacyBfdProfile {
  readonly name?: string | undefined;
  readonly 'receive-interval'?: number | undefined;
  readonly 'transmit-interval'?: number | undefined;
  readonly 'detect-multiplier'?: number | undefined;
  readonly 'echo-interval'?: number | undefined;
  readonly 'echo-mode'?: boolean | undefined;
  readonly 'passive-mode'?: boolean | undefined;
  readonly 'minimum-ttl'?: number | undefined;
}

/** The document under the key `config`. */
export interface LegacyDocument {
  readonly peers?: readonly (LegacyPeer | undefined)[] | undefined;
  readonly 'address-pools'?: readonly (LegacyAddressPool | undefined)[] | undefined;
  readonly 'bgp-communities'?: ReadonlyMap<string, string> | undefined;
  readonly 'bfd-profiles'?: readonly (LegacyBfdProfile | undefined)[] | undefined;
}

const nodeSelector: Decoder<LegacyNodeSelector> = fields({
  'match-labels': texts,
  'match-expressions': list(fields({ key: text, operator: text, values: list(text) })),
});

const peer: Decoder<LegacyPeer> = fields({
  'my-asn': uint32,
  'peer-asn': uint32,
  'peer-address': text,
  'source-address': text,
  'peer-port': uint16,
  'hold-time': text,
  'keepalive-time': text,
  'router-id': text,
  'node-selectors': list(nodeSelector),
  password: secret,
  'bfd-profile': text,
  'ebgp-multihop': boolean,
});

const addressPool: Decoder<LegacyAddressPool> = fields({
  name: text,
  protocol: text,
  addresses: list(text),
  'auto-assign': boolean,
  'avoid-buggy-ips': boolean,
  'bgp-advertisements': list(
    fields({
      'aggregation-length': int32,
      'aggregation-length-v6': int32,
      localpref: uint32,
      communities: list(text),
    }),
  ),
});

const bfdProfile: Decoder<LegacyBfdProfile> = fields({
  name: text,
  'receive-interval': uint32,
  'transmit-interval': uint32,
  'detect-multiplier': uint32,
  'echo-interval': uint32,
  'echo-mode': boolean,
  'passive-mode': boolean,
  'minimum-ttl': uint32,
});

/** Reads it. */
export const legacyDocument: Decoder<LegacyDocument> = fields({
  peers: list(peer),
  'address-pools': list(addressPool),
  'bgp-communities': texts,
  'bfd-profiles': list(bfdProfile),
});
