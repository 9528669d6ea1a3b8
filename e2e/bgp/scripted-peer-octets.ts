/**
 * BGP's octets as the RFCs have them, put together by hand: what attacks must not come from the encoder that is tested.
 */

export const OPEN = 1;
export const UPDATE = 2;
export const NOTIFICATION = 3;
export const KEEPALIVE = 4;
const ROUTE_REFRESH = 5;

/** RFC 4271, section 4.1. */
const HEADER_OCTETS = 19;
/** RFC 6793, section 9. */
const AS_TRANS = 23_456;

/** Octets of hexadecimal text, in which blanks mean nothing. */
export function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'));
}

/** A message with a good header. */
export function message(type: number, body: Uint8Array = new Uint8Array()): Uint8Array {
  const length = HEADER_OCTETS + body.length;
  return Uint8Array.of(...new Array<number>(16).fill(0xff), length >> 8, length & 0xff, type, ...body);
}

export interface OpenFields {
  readonly asn: number;
  readonly identifier?: string;
  readonly holdTimeSeconds?: number;
  /** In hexadecimal, code and length and all. Default: IPv4 and IPv6 unicast, route refresh, four-octet AS numbers. */
  readonly capabilities?: readonly string[];
}

/** RFC 4271, section 4.2; each capability a parameter of its own, as FRR writes it. */
export function open({ asn, identifier = '192.0.2.1', holdTimeSeconds = 90, capabilities }: OpenFields): Uint8Array {
  const offered = capabilities ?? [
    '01 04 0001 00 01',
    '01 04 0002 00 01',
    '02 00',
    `41 04 ${asn.toString(16).padStart(8, '0')}`,
  ];
  const parameters = offered.flatMap((capability) => {
    const octets = hex(capability);
    return [2, octets.length, ...octets];
  });
  const shortAsn = asn > 0xffff ? AS_TRANS : asn;
  return message(
    OPEN,
    Uint8Array.of(
      4,
      ...[shortAsn >> 8, shortAsn & 0xff],
      ...[holdTimeSeconds >> 8, holdTimeSeconds & 0xff],
      ...identifier.split('.').map(Number),
      parameters.length,
      ...parameters,
    ),
  );
}

export const keepalive: Uint8Array = message(KEEPALIVE);

/** RFC 2918, section 3: IPv4 unicast. */
export const routeRefresh: Uint8Array = message(ROUTE_REFRESH, hex('0001 00 01'));

export function notification(code: number, subcode: number, data: Uint8Array = new Uint8Array()): Uint8Array {
  return message(NOTIFICATION, Uint8Array.of(code, subcode, ...data));
}

export interface UpdateFields {
  readonly withdrawn?: string;
  readonly attributes?: readonly string[];
  readonly nlri?: string;
}

/** RFC 4271, section 4.3, of hexadecimal parts. */
export function update({ withdrawn = '', attributes = [], nlri = '' }: UpdateFields): Uint8Array {
  const fields = [withdrawn, attributes.join('')].flatMap((field) => {
    const octets = hex(field);
    return [octets.length >> 8, octets.length & 0xff, ...octets];
  });
  return message(UPDATE, Uint8Array.of(...fields, ...hex(nlri)));
}

/** What a peer has said, with its header. */
export interface HeardMessage {
  readonly type: number;
  readonly octets: Uint8Array;
}

/** Takes the whole messages off the beginning of a stream. @throws when it is no BGP. */
export function takeMessages(stream: Uint8Array): { readonly messages: HeardMessage[]; readonly rest: Uint8Array } {
  const messages: HeardMessage[] = [];
  let rest = stream;
  while (rest.length >= HEADER_OCTETS) {
    const [high = 0, low = 0, type = 0] = rest.subarray(16);
    const length = high * 256 + low;
    if (rest.subarray(0, 16).some((octet) => octet !== 0xff) || length < HEADER_OCTETS) {
      throw new Error(`no BGP message: ${Buffer.from(rest.subarray(0, 40)).toString('hex')}`);
    }
    if (rest.length < length) break;
    messages.push({ type, octets: rest.subarray(0, length) });
    rest = rest.subarray(length);
  }
  return { messages, rest };
}
