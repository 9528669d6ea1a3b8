import type { OpenMessage } from '../message.ts';

/** Stands in the field My Autonomous System for a number that needs four octets: RFC 6793, section 9. */
export const AS_TRANS = 23_456;

/** The AS number of who sent an OPEN: that of the four-octet capability, else of the field. */
export function asnOf(open: Pick<OpenMessage, 'myAutonomousSystem' | 'capabilities'>): number {
  for (const capability of open.capabilities) if (capability.type === 'four-octet-asn') return capability.asn;
  return open.myAutonomousSystem;
}

/** What stands in the field My Autonomous System of who has the AS number `asn`: RFC 6793, section 4.2.2. */
export function myAutonomousSystemOf(asn: number): number {
  return asn > 0xffff ? AS_TRANS : asn;
}
