import { objectOr, textOr, type UntrustedObject } from '../objects/untrusted.ts';
import type { ConfigProblemCode, Finding, ObjectReference, Problem } from '../problem/problem.ts';
import { createSpecChecker } from '../problem/schema-problems.ts';
import { bgpPeerDefinition } from '../schema/bgp-peer.ts';
import type { ParsedLabelSelector } from '../selectors/label-selector.ts';
import { readSelectorList } from '../selectors/selector-list.ts';
import type { ParsedBfdProfile } from './bfd-profile.ts';
import { type PeerEnds, readPeerEnds } from './peer-ends.ts';
import { readPeerPassword, type Secrets } from './peer-password.ts';
import { readPeerTimers } from './peer-timers.ts';
import type { SecretText } from './secret-text.ts';

/** A BGPPeer, checked. */
export interface ParsedBgpPeer extends PeerEnds {
  readonly name: string;
  readonly object: ObjectReference;
  readonly myAsn: number;
  /** The peer's number, or that any is taken that makes it an internal or an external peer. */
  readonly peerAsn: number | 'internal' | 'external';
  /** Shown to the peer in the place of `myAsn`. */
  readonly localAsn?: number | undefined;
  readonly port: number;
  /** Whole seconds: 0, or 3 to 65535. */
  readonly holdTimeSeconds?: number | undefined;
  readonly keepaliveTimeMs?: number | undefined;
  readonly connectTimeSeconds?: number | undefined;
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

/** The port of BGP, which the CRD fills in. */
const BGP_PORT = 179;

/** What a peer is read with. */
export interface PeerSurroundings {
  readonly secrets: Secrets;
  readonly bfdProfiles: ReadonlyMap<string, ParsedBfdProfile>;
  /** The BFDProfiles could not be listed: one that is missing may exist. */
  readonly bfdProfilesUnknown: boolean;
  /** The peer until now. */
  readonly previous: ParsedBgpPeer | undefined;
}

const checkSpec = createSpecChecker(bgpPeerDefinition.spec);

/**
 * Reads one BGPPeer (v1beta2). No finding carries its password, whatever is wrong with it.
 *
 * @see MetalLB `internal/config/config.go`, `peerFromCR`
 */
export function readBgpPeer(
  object: ObjectReference,
  specValue: unknown,
  { secrets, bfdProfiles, bfdProfilesUnknown, previous }: PeerSurroundings,
  report: (finding: Finding) => void,
): ParsedBgpPeer {
  const spec = objectOr(specValue);
  const prefix = `parsing peer ${object.name} `;
  const complain = (field: string, code: ConfigProblemCode, message: string, remedy: string): void => {
    report({ field: `spec.${field}`, value: spec[field], code, message: `${prefix}${message}`, remedy });
  };
  for (const finding of checkSpec(specValue)) {
    if (!finding.message.includes('required property "myASN"') && finding.field !== 'spec.dynamicASN') {
      report(withoutPassword(finding)); // of the other two MetalLB has words
    }
  }
  const asNumbers = readAsNumbers(spec, complain);
  const ends = readPeerEnds(spec, prefix, report);
  const timers = readPeerTimers(spec, prefix, report);
  const nodes = readSelectorList(
    spec['nodeSelectors'],
    'spec.nodeSelectors',
    (why) => `${why}: failed to convert peer ${object.name} node selector`,
    (finding) => report({ ...finding, message: `${prefix}${finding.message}` }),
  );
  const password = readPeerPassword(object, spec, secrets, previous, report);
  const profileName = textOr(spec['bfdProfile']);
  const bfdProfile = profileName === '' ? undefined : bfdProfiles.get(profileName);
  if (profileName !== '' && bfdProfile === undefined && !bfdProfilesUnknown) {
    report({
      field: 'spec.bfdProfile',
      value: profileName,
      code: 'ERR_CONFIG_UNKNOWN_REFERENCE',
      message: `peer ${object.name} referencing non existing bfd profile ${profileName}`,
      remedy: 'create the BFDProfile, or take its name out',
      transient: true,
    });
  }
  return {
    name: object.name,
    object,
    ...asNumbers,
    ...ends,
    port: Number.isInteger(spec['peerPort']) ? Number(spec['peerPort']) : BGP_PORT,
    ...timers,
    nodeSelectors: nodes.selectors,
    ...password,
    bfdProfile,
    enableGracefulRestart: spec['enableGracefulRestart'] === true,
    ebgpMultiHop: spec['ebgpMultiHop'] === true,
    vrf: textOr(spec['vrf']) || undefined,
    dualStackAddressFamily: spec['dualStackAddressFamily'] === true,
  };
}

type Complain = (field: string, code: ConfigProblemCode, message: string, remedy: string) => void;

function readAsNumbers(
  spec: UntrustedObject,
  complain: Complain,
): Pick<ParsedBgpPeer, 'myAsn' | 'peerAsn' | 'localAsn'> {
  const number = (field: string): number => (Number.isInteger(spec[field]) ? Number(spec[field]) : 0);
  const [myAsn, peerAsn, localAsn] = [number('myASN'), number('peerASN'), number('localASN')];
  const dynamicAsn = textOr(spec['dynamicASN']);
  if (spec['myASN'] === undefined || spec['myASN'] === 0) {
    complain('myASN', 'ERR_CONFIG_INVALID_VALUE', 'missing local ASN', 'write the AS number of this side');
  }
  if (peerAsn === 0 && dynamicAsn === '' && (spec['peerASN'] ?? 0) === 0) {
    const remedy = 'write the AS number of the peer, or dynamicASN: internal or external';
    complain('peerASN', 'ERR_CONFIG_EXCLUSIVE', 'missing peer ASN and dynamicASN', remedy);
  }
  if (peerAsn !== 0 && dynamicAsn !== '') {
    complain('dynamicASN', 'ERR_CONFIG_EXCLUSIVE', 'both peer ASN and dynamicASN specified', 'remove one of the two');
  }
  const dynamic = dynamicAsn === 'internal' || dynamicAsn === 'external' ? dynamicAsn : undefined;
  if (dynamicAsn !== '' && dynamic === undefined) {
    const message = `invalid dynamicASN ${dynamicAsn.slice(0, 64)}`;
    complain('dynamicASN', 'ERR_CONFIG_INVALID_VALUE', message, 'write internal or external');
  }
  if (peerAsn === myAsn && spec['ebgpMultiHop'] === true) {
    const message = 'invalid ebgp-multihop parameter set for an ibgp peer';
    complain(
      'ebgpMultiHop',
      'ERR_CONFIG_INVALID_VALUE',
      message,
      'remove ebgpMultiHop: an internal peer may be far away',
    );
  }
  return { myAsn, peerAsn: dynamic ?? peerAsn, localAsn: localAsn === 0 ? undefined : localAsn };
}

/** A finding without the value, wherever a password could be in it. */
function withoutPassword(finding: Finding): Finding {
  return finding.field === 'spec' || finding.field.startsWith('spec.password') ? { ...finding, value: null } : finding;
}
