import type { NotificationMessage, OpenMessage } from '../messages/message.ts';
import { asnOf } from '../messages/open/autonomous-system.ts';
import { notification } from './notifications.ts';
import type { NegotiatedSession, PeerFsmConfig } from './vocabulary.ts';

/** Why a peer's OPEN is not taken. */
export interface OpenRefusal {
  readonly notification: NotificationMessage;
  /** For people. */
  readonly because: string;
}

function unsigned(value: number, octets: 2 | 4): Uint8Array {
  const data = new Uint8Array(octets);
  const view = new DataView(data.buffer);
  if (octets === 2) view.setUint16(0, value);
  else view.setUint32(0, value);
  return data;
}

function expectedAsn({ peerAsn, localAsn }: PeerFsmConfig): string {
  if (peerAsn === 'internal') return `expected ${localAsn}, the own one`;
  return peerAsn === 'external' ? `expected any but ${localAsn}, the own one` : `expected ${peerAsn}`;
}

function isExpectedAsn(asn: number, { peerAsn, localAsn }: PeerFsmConfig): boolean {
  if (asn === 0) return false; // RFC 7607
  if (peerAsn === 'internal') return asn === localAsn;
  return peerAsn === 'external' ? asn !== localAsn : asn === peerAsn;
}

/** A BGP identifier's four octets as one number, for RFC 4271, section 6.8, compares them so. */
export function identifierNumber(bgpIdentifier: string): number {
  return bgpIdentifier.split('.').reduce((number, octet) => number * 256 + Number(octet), 0);
}

/**
 * Judges what octets alone do not tell: RFC 4271, section 6.2, RFC 6286, section 2.2, and RFC 7607.
 *
 * The data is that of other routers where the RFC has none: the value that was refused.
 */
export function checkOpen(local: OpenMessage, peer: OpenMessage, config: PeerFsmConfig): OpenRefusal | undefined {
  const asn = asnOf(peer);
  if (!isExpectedAsn(asn, config)) {
    return {
      notification: notification(2, 2, unsigned(asn, asn > 0xffff ? 4 : 2)),
      because: `the peer has AS ${asn}, ${expectedAsn(config)}`,
    };
  }
  const identifier = identifierNumber(peer.bgpIdentifier);
  const isOurs = identifier === identifierNumber(local.bgpIdentifier) && asn === config.localAsn;
  if (identifier === 0 || isOurs) {
    return {
      notification: notification(2, 3, unsigned(identifier, 4)),
      because: `the peer has the BGP identifier ${peer.bgpIdentifier}${isOurs ? ', which is the own one' : ''}`,
    };
  }
  if (peer.holdTimeSeconds === 1 || peer.holdTimeSeconds === 2) {
    return {
      notification: notification(2, 6, unsigned(peer.holdTimeSeconds, 2)),
      because: `the peer offers a hold time of ${peer.holdTimeSeconds} s, expected 0 or at least 3`,
    };
  }
  return undefined;
}

/**
 * A session without a common family would stay up, carry nothing, and look well: it is refused, as FRR and BIRD do, with
 * the capabilities that are missed as data: RFC 5492, section 5.
 */
export function checkFamilies({ context, localCapabilities }: NegotiatedSession): OpenRefusal | undefined {
  if (context.families.length > 0) return undefined;
  const wanted = localCapabilities.filter((capability) => capability.type === 'multiprotocol');
  const data = new Uint8Array(wanted.length * 6);
  wanted.forEach(({ afi, safi }, index) => {
    data.set([1, 4, afi >> 8, afi & 0xff, 0, safi], index * 6);
  });
  return { notification: notification(2, 7, data), because: 'the peer has none of the address families wanted' };
}
