import {
  type AddressFamily,
  addressFamilyOf,
  asnOf,
  type Capability,
  decodeMessage,
  type OpenMessage,
  type SessionContext,
} from '@steelyard/bgp';

/** What is assumed where no OPEN was seen: what nearly every session has agreed on today. */
export const ASSUMED_SESSION: SessionContext = {
  fourOctetAsn: true,
  extendedMessage: true,
  addPathReceive: [],
  extendedNextHop: true,
  internal: false,
  families: ['ipv4-unicast', 'ipv6-unicast'],
};

/** The OPENs of a connection, by who sent them. */
export type Opens = ReadonlyMap<string, OpenMessage>;

/** Reads an OPEN, if it is one. */
export function readOpen(octets: Uint8Array): OpenMessage | undefined {
  const message = decodeMessage(octets, ASSUMED_SESSION);
  return message.ok && message.value.type === 'open' ? message.value : undefined;
}

/** What the two OPENs agree on, for messages of one sender; what is assumed where one is missing. */
export function sessionOf(opens: Opens, sender: string): SessionContext {
  const [one, other] = [...opens.values()];
  if (one === undefined || other === undefined) return ASSUMED_SESSION;
  const both = (type: Capability['type']): boolean =>
    [one, other].every(({ capabilities }) => capabilities.some((capability) => capability.type === type));
  return {
    fourOctetAsn: both('four-octet-asn'),
    extendedMessage: both('extended-message'),
    extendedNextHop: both('extended-next-hop'),
    internal: asnOf(one) === asnOf(other),
    families: ASSUMED_SESSION.families,
    addPathReceive: addPathOf(opens, sender),
  };
}

/** Families whose prefixes carry path identifiers: the sender sends them, and the other side takes them. RFC 7911, section 4. */
function addPathOf(opens: Opens, sender: string): readonly AddressFamily[] {
  const familiesWith = (
    open: OpenMessage | undefined,
    way: 'send' | 'receive',
  ): readonly (AddressFamily | undefined)[] =>
    (open?.capabilities ?? []).flatMap((capability) =>
      capability.type === 'add-path' ? capability.families.filter((one) => one[way]).map(addressFamilyOf) : [],
    );
  const receiver = [...opens].find(([from]) => from !== sender)?.[1];
  const taken = new Set(familiesWith(receiver, 'receive'));
  return familiesWith(opens.get(sender), 'send').filter(
    (family): family is AddressFamily => family !== undefined && taken.has(family),
  );
}
