import type { SessionContext } from '../../src/messages/session-context.ts';

/** The first octet of the path attributes in a message of `updateOctets` that withdraws nothing. */
export const ATTRIBUTES_OFFSET = 23;
/** Where the body of a message begins. */
export const BODY_OFFSET = 19;

/** An external peer with everything that is usual. */
export const EXTERNAL: SessionContext = {
  fourOctetAsn: true,
  extendedMessage: false,
  addPathReceive: [],
  extendedNextHop: false,
  internal: false,
  families: ['ipv4-unicast', 'ipv6-unicast'],
};
export const INTERNAL: SessionContext = { ...EXTERNAL, internal: true };
/** A peer from before RFC 6793. */
export const TWO_OCTETS: SessionContext = { ...EXTERNAL, fourOctetAsn: false };

/** Octets of hexadecimal text, in which blanks mean nothing. */
export function hex(text: string): Uint8Array {
  const digits = text.replaceAll(/\s/g, '');
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}

export function toHex(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join(' ');
}

/** The fields of an UPDATE in hexadecimal; lengths are right unless they are given. */
export interface UpdateFields {
  readonly withdrawn?: string;
  readonly withdrawnLength?: number;
  readonly attributes?: readonly string[];
  readonly attributesLength?: number;
  readonly nlri?: string;
}

/** A whole UPDATE message. */
export function updateOctets(fields: UpdateFields): Uint8Array {
  const withdrawn = hex(fields.withdrawn ?? '');
  const attributes = hex((fields.attributes ?? []).join(''));
  const nlri = hex(fields.nlri ?? '');
  const octets = new Uint8Array(BODY_OFFSET + 4 + withdrawn.length + attributes.length + nlri.length);
  const view = new DataView(octets.buffer);
  octets.fill(0xff, 0, 16);
  view.setUint16(16, octets.length);
  octets[18] = 2;
  view.setUint16(19, fields.withdrawnLength ?? withdrawn.length);
  octets.set(withdrawn, 21);
  view.setUint16(21 + withdrawn.length, fields.attributesLength ?? attributes.length);
  octets.set(attributes, 23 + withdrawn.length);
  octets.set(nlri, 23 + withdrawn.length + attributes.length);
  return octets;
}
