/** A family that this package announces and withdraws: RFC 4760's AFI and SAFI in words. */
export type AddressFamily = 'ipv4-unicast' | 'ipv6-unicast';

/** Any family, by its numbers. */
export interface AfiSafi {
  readonly afi: number;
  readonly safi: number;
}

const NUMBERS: Readonly<Record<AddressFamily, AfiSafi>> = {
  'ipv4-unicast': { afi: 1, safi: 1 },
  'ipv6-unicast': { afi: 2, safi: 1 },
};

/** The numbers of a family. */
export function afiSafiOf(family: AddressFamily): AfiSafi {
  return NUMBERS[family];
}

/** The family of two numbers, if it is one that this package announces. */
export function addressFamilyOf({ afi, safi }: AfiSafi): AddressFamily | undefined {
  if (safi !== 1) return undefined;
  if (afi === 1) return 'ipv4-unicast';
  return afi === 2 ? 'ipv6-unicast' : undefined;
}
