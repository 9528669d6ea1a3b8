import { goQuote, parseIp } from '@steelyard/ipam';
import { textOr, type UntrustedObject } from '../objects/untrusted.ts';
import { canonicalAddress } from '../pool/canonical-address.ts';
import type { Finding } from '../problem/problem.ts';

/** Between what and what a session is. */
export interface PeerEnds {
  /** In canonical text. A peer has either an address or an interface. */
  readonly address?: string | undefined;
  /** Where an unnumbered peer is found. */
  readonly interface?: string | undefined;
  /** In canonical text, of the family of `address`. */
  readonly sourceAddress?: string | undefined;
  /** In dotted decimal, not 0.0.0.0: RFC 6286. */
  readonly routerId?: string | undefined;
}

/**
 * Reads who talks to whom. What MetalLB takes and no session can have is left out with a warning.
 *
 * @param prefix - What MetalLB says before its messages.
 * @see MetalLB `internal/config/config.go`, `peerFromCR`
 */
export function readPeerEnds(spec: UntrustedObject, prefix: string, report: (finding: Finding) => void): PeerEnds {
  const complain = (field: string, code: Finding['code'], message: string, remedy: string): void => {
    report({ field: `spec.${field}`, value: spec[field], code, message: `${prefix}${message}`, remedy });
  };
  const warn = (field: string, code: Finding['code'], message: string, remedy: string): void => {
    report({ severity: 'warning', field: `spec.${field}`, value: spec[field], code, message, remedy });
  };
  const read = (field: string, words: string): string | undefined => {
    const text = textOr(spec[field]);
    const canonical = canonicalAddress(text);
    if (text !== '' && canonical === undefined) {
      const message = `invalid ${words} ${goQuote(text.slice(0, 256))}`;
      complain(field, 'ERR_CONFIG_INVALID_VALUE', message, 'write an IP address');
    }
    return canonical;
  };

  const interfaceName = textOr(spec['interface']);
  const hasAddress = textOr(spec['peerAddress']) !== '';
  if (!hasAddress && interfaceName === '') {
    const remedy = 'write peerAddress, or interface for a peer that has no address of its own';
    complain('peerAddress', 'ERR_CONFIG_EXCLUSIVE', 'peer has no Address or Interface specified', remedy);
  }
  if (hasAddress && interfaceName !== '') {
    const message = 'peer has both Address and Interface specified';
    complain('interface', 'ERR_CONFIG_EXCLUSIVE', message, 'remove one of the two');
  }
  const address = read('peerAddress', 'BGPPeer address');
  if (address !== undefined && isLinkLocal(address)) {
    const message = 'a link-local address means nothing without its interface: this peer is not spoken to';
    warn('peerAddress', 'ERR_CONFIG_NOT_SERVED', message, 'write an address of the peer that is not link-local');
  }
  const routerId = read('routerID', 'router ID');
  const isIdentifier = routerId === undefined || (familyOf(routerId) === 4 && routerId !== '0.0.0.0');
  if (!isIdentifier) {
    const message = `a BGP identifier is four octets and not 0.0.0.0: ${goQuote(routerId)} is not used`;
    warn('routerID', 'ERR_CONFIG_INVALID_VALUE', message, 'write one such as 192.0.2.1, or leave it out');
  }
  const sourceAddress = read('sourceAddress', 'source IP');
  const fits = sourceAddress === undefined || address === undefined || familyOf(sourceAddress) === familyOf(address);
  if (!fits) {
    const message = `${goQuote(sourceAddress)} is of another family than the peer: it is not used`;
    warn('sourceAddress', 'ERR_CONFIG_INVALID_VALUE', message, 'write an address of the family of peerAddress');
  }
  return {
    address,
    interface: interfaceName || undefined,
    routerId: isIdentifier ? routerId : undefined,
    sourceAddress: fits ? sourceAddress : undefined,
  };
}

function familyOf(address: string): 4 | 6 | undefined {
  return parseIp(address)?.family;
}

/** RFC 4291, section 2.5.6: fe80::/10. */
function isLinkLocal(address: string): boolean {
  return /^fe[89ab][0-9a-f]:/.test(address);
}
