import { isObject, listOr, type UntrustedObject } from '../objects/untrusted.ts';
import type { AdmissionSlices } from './slices.ts';

/**
 * The slices without what could only be wrong because something else has not been created yet: BFDProfiles and Secrets
 * of peers, and communities that may be aliases.
 *
 * @see MetalLB `internal/config/validator.go`, `resetTransientErrorsFields`
 */
export function blankReferences(slices: AdmissionSlices): AdmissionSlices {
  const { bgpPeers, bgpAdvertisements } = slices;
  return {
    ...slices,
    ...(bgpPeers && { bgpPeers: bgpPeers.map((peer) => withSpec(peer, withoutReferences)) }),
    ...(bgpAdvertisements && {
      bgpAdvertisements: bgpAdvertisements.map((advertisement) => withSpec(advertisement, withoutAliases)),
    }),
  };
}

function withSpec(object: unknown, blank: (spec: UntrustedObject) => UntrustedObject): unknown {
  return isObject(object) && isObject(object['spec']) ? { ...object, spec: blank(object['spec']) } : object;
}

function withoutReferences({ bfdProfile: _, passwordSecret: __, ...spec }: UntrustedObject): UntrustedObject {
  return spec;
}

function withoutAliases(spec: UntrustedObject): UntrustedObject {
  if (!Array.isArray(spec['communities'])) {
    return spec;
  }
  const literals = listOr(spec['communities']).filter((text) => typeof text !== 'string' || text.includes(':'));
  return { ...spec, communities: literals };
}
