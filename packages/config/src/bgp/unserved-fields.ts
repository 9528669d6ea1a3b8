import type { ApiObject } from '../objects/api-object.ts';
import { objectOr, textOr, type UntrustedObject } from '../objects/untrusted.ts';
import { type Finding, type Problem, problemOf } from '../problem/problem.ts';

/** MetalLB's words. */
export const DISABLE_MP_WARNING = "disable mp is deprecated and has no effect since it's the default behavior now";

interface UnservedField {
  readonly field: string;
  readonly isSet: (value: unknown) => boolean;
  readonly message: string;
  readonly remedy: string;
}

/** Of a BGPPeer what is parsed and not acted on. */
const UNSERVED: readonly UnservedField[] = [
  {
    field: 'bfdProfile',
    isSet: (value) => textOr(value) !== '',
    message:
      'BFD is not served by this version: the session runs without it, and a failure is noticed after the hold time',
    remedy: 'write a short holdTime, such as 9s, or leave this node to a speaker that has BFD',
  },
  {
    field: 'enableGracefulRestart',
    isSet: (value) => value === true,
    message: 'graceful restart is not served by this version: the peer takes the routes out when the session ends',
    remedy: 'have several nodes announce, or leave this node to a speaker that has graceful restart',
  },
  {
    field: 'interface',
    isSet: (value) => textOr(value) !== '',
    message: 'unnumbered peers are not served by this version: this peer is not spoken to at all',
    remedy: 'write its peerAddress, or leave this node to a speaker that has unnumbered peers',
  },
  {
    field: 'disableMP',
    isSet: (value) => value === true,
    message: DISABLE_MP_WARNING,
    remedy: 'take it out; dualStackAddressFamily: true has both families in one session',
  },
];

/** What of a BGPPeer is not served, field by field. */
export function unservedPeerFindings(spec: UntrustedObject): readonly Finding[] {
  return UNSERVED.filter(({ field, isSet }) => isSet(spec[field])).map(({ field, message, remedy }) => ({
    severity: 'warning',
    field: `spec.${field}`,
    value: spec[field],
    code: 'ERR_CONFIG_NOT_SERVED',
    message,
    remedy,
  }));
}

/** Says so of an object. */
export function unservedPeerFields({ reference, spec }: ApiObject): readonly Problem[] {
  return unservedPeerFindings(objectOr(spec)).map((finding) => problemOf(reference, finding));
}
