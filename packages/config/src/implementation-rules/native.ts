import { cidrsOf, formatCidr, goQuote } from '@steelyard/ipam';
import { attachToPools } from '../advertisement/attach.ts';
import type { ParsedBgpAdvertisement } from '../bgp/bgp-advertisement.ts';
import { parseCommunity } from '../bgp/community.ts';
import { parseGoDuration } from '../go/duration.ts';
import type { ApiObject } from '../objects/api-object.ts';
import { listOr, objectOr, textOr, type UntrustedObject } from '../objects/untrusted.ts';
import type { Pool } from '../pool/pool.ts';
import { type Finding, type ObjectReference, type Problem, problemOf } from '../problem/problem.ts';

/** What MetalLB's native mode looks at. */
export interface NativeSubjects {
  readonly peers: readonly ApiObject[];
  readonly bfdProfiles: readonly ApiObject[];
  readonly bgpAdvertisements: readonly ApiObject[];
  readonly communities: readonly ApiObject[];
  readonly parsedAdvertisements: readonly ParsedBgpAdvertisement[];
  readonly pools: ReadonlyMap<string, Pool>;
}

/** What the native mode refuses of a peer, in the order in which it looks. */
const PEER_RULES: readonly {
  readonly field: string;
  readonly words: string;
  readonly isSet: (v: unknown) => boolean;
}[] = [
  { field: 'bfdProfile', words: 'bfd-profile', isSet: (v) => textOr(v) !== '' },
  { field: 'keepaliveTime', words: 'keepalive-time', isSet: isNonZeroDuration },
  { field: 'vrf', words: 'vrf', isSet: (v) => textOr(v) !== '' },
  { field: 'connectTime', words: 'connect time', isSet: (v) => typeof v === 'string' },
  { field: 'enableGracefulRestart', words: 'EnableGracefulRestart flag', isSet: (v) => v === true },
  { field: 'disableMP', words: 'disable MP flag', isSet: (v) => v === true },
  { field: 'dualStackAddressFamily', words: 'dualstackaddressfamily flag', isSet: (v) => v === true },
  { field: 'dynamicASN', words: 'dynamicASN', isSet: (v) => textOr(v) !== '' },
  { field: 'interface', words: 'interface', isSet: (v) => textOr(v) !== '' },
  { field: 'localASN', words: 'localASN', isSet: (v) => Number.isInteger(v) && v !== 0 },
];
const REMEDY = 'remove it for MetalLB in native mode, or run MetalLB in its frr or frr-k8s mode';

/**
 * What MetalLB's native mode would refuse. Under parity each is an error; else a warning, for ours takes it.
 *
 * @see MetalLB `internal/config/validation.go`, `DiscardFRROnly`
 */
export function nativeProblems(subjects: NativeSubjects, parity: boolean): readonly Problem[] {
  const problems: Problem[] = [];
  const report = (object: ObjectReference, finding: NativeFinding): void => {
    problems.push(problemOf(object, asNative(finding, parity)));
  };
  for (const { reference, spec } of subjects.peers) {
    for (const finding of nativePeerFindings(objectOr(spec))) {
      report(reference, finding);
    }
  }
  for (const { reference } of subjects.bfdProfiles) {
    report(reference, { field: '', value: null, message: 'bfd profiles section set' });
  }
  for (const [pool, cidr] of ipv6Pools(subjects)) {
    const message = `pool ${goQuote(pool.name)} has ipv6 CIDR ${cidr}, native bgp mode does not support ipv6`;
    problems.push(
      problemOf(pool.object, {
        ...asNative({ field: 'spec.addresses', value: cidr, message }, parity),
        scopes: ['speaker'], // MetalLB's controller does not read BGPAdvertisements
      }),
    );
  }
  for (const { reference, spec } of subjects.bgpAdvertisements) {
    for (const [i, text] of listOr(objectOr(spec)['communities']).entries()) {
      if (isLarge(text)) {
        const message = `native BGP mode only supports legacy communities, BGP advertisement ${goQuote(reference.name)} has non legacy community ${goQuote(text)}`;
        report(reference, { field: `spec.communities[${i}]`, value: text, message });
      }
    }
  }
  for (const { reference, spec } of subjects.communities) {
    for (const [i, alias] of listOr(objectOr(spec)['communities']).entries()) {
      const { name, value } = objectOr(alias);
      if (isLarge(value)) {
        const shown = `{${goQuote(textOr(name))} ${goQuote(value)}}`;
        const message = `native BGP mode only supports legacy communities, BGP community CR ${goQuote(reference.name)} has non legacy community ${shown}`;
        report(reference, { field: `spec.communities[${i}].value`, value, message });
      }
    }
  }
  return problems;
}

/** A finding of the native mode, in MetalLB's words. */
export type NativeFinding = Pick<Finding, 'field' | 'value' | 'message'>;

/** What MetalLB's native mode would refuse of one peer, in the order in which it looks; it says the first. */
export function nativePeerFindings(spec: UntrustedObject): readonly NativeFinding[] {
  return PEER_RULES.filter(({ field, isSet }) => isSet(spec[field])).map(({ field, words }) => ({
    field: `spec.${field}`,
    value: spec[field],
    message: `peer ${textOr(spec['peerAddress']).slice(0, 256)} has ${words} set on native bgp mode`,
  }));
}

/** Makes such a finding one of ours. */
export function asNative(finding: NativeFinding, parity: boolean): Finding {
  return {
    ...finding,
    severity: parity ? 'error' : 'warning',
    code: 'ERR_CONFIG_IMPLEMENTATION',
    message: parity ? finding.message : `MetalLB's native mode would refuse this: ${finding.message}`,
    remedy: REMEDY,
    refusedByMetalLb: true,
  };
}

function isNonZeroDuration(value: unknown): boolean {
  const duration = typeof value === 'string' ? parseGoDuration(value) : undefined;
  return duration?.ok === true && duration.nanoseconds !== 0n;
}

function isLarge(text: unknown): text is string {
  const community = typeof text === 'string' ? parseCommunity(text) : undefined;
  return community?.ok === true && community.value.kind === 'large';
}

/** The pools that an advertisement is for, of those that have IPv6 addresses, with the first such CIDR. */
function ipv6Pools({ parsedAdvertisements, pools }: NativeSubjects): readonly (readonly [Pool, string])[] {
  const candidates = [...pools.values()].filter(({ ranges }) => ranges.some(({ family }) => family === 6));
  const attached = attachToPools(parsedAdvertisements, candidates);
  return candidates.flatMap((pool) => {
    const range = pool.ranges.find(({ family }) => family === 6);
    const cidr = range && cidrsOf(range)[0];
    return (attached.get(pool.name)?.length ?? 0) > 0 && cidr !== undefined ? [[pool, formatCidr(cidr)] as const] : [];
  });
}
