import type { OpenApiSchema, PrinterColumn } from './open-api-schema.ts';

/** The columns of both versions of BGPPeer. */
export const bgpPeerPrinterColumns: readonly PrinterColumn[] = [
  { name: 'Address', type: 'string', jsonPath: '.spec.peerAddress' },
  { name: 'ASN', type: 'string', jsonPath: '.spec.peerASN' },
  { name: 'BFD Profile', type: 'string', jsonPath: '.spec.bfdProfile' },
  { name: 'Multi Hops', type: 'string', jsonPath: '.spec.ebgpMultiHop' },
];

/** An AS number of four octets (RFC 6793). */
export function asNumberSchema(description: string): OpenApiSchema {
  return { description, type: 'integer', format: 'int64', minimum: 0, maximum: 4294967295 };
}
