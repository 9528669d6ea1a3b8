import { formatIp, goQuote, type IpAddress, parseIp } from '@steelyard/ipam';

/** A range from an address of one family to one of the other. */
export interface MixedRange {
  /** MetalLB compares the 16 octets of both: an IPv4 address is `::ffff:0:0/96`. If they descend, it refuses the range. */
  readonly refusal?: string;
}

/** What MetalLB makes of a range of two families; `undefined` for any other text. */
export function mixedRange(text: string): MixedRange | undefined {
  const dash = text.indexOf('-');
  const [start, end] = dash < 0 ? [] : [parseIp(text.slice(0, dash).trim()), parseIp(text.slice(dash + 1).trim())];
  if (start === undefined || end === undefined || start.family === end.family) {
    return undefined;
  }
  const shown = (address: IpAddress): string => goQuote(formatIp(address));
  const why = `start IP ${shown(start)} is after the end IP ${shown(end)}`;
  return in16Octets(start) > in16Octets(end) ? { refusal: `invalid IP range ${goQuote(text)}: ${why}` } : {};
}

/** Whether MetalLB takes a text for a range, and finds no addresses in it. */
export function isEmptyRange(text: string): boolean {
  const mixed = mixedRange(text);
  return mixed !== undefined && mixed.refusal === undefined;
}

function in16Octets({ family, value }: IpAddress): bigint {
  return family === 6 ? value : (0xffffn << 32n) | value;
}
