import { CAPABILITY_CODE } from '../open/capability-code.ts';
import { decodeCapability } from '../open/decode-capability.ts';
import { typeLengthValueAt } from '../open/optional-parameters.ts';
import { quoted } from '../quoted.ts';
import type { Explanation } from './explanation.ts';
import { afiText, capabilityCodeText, roleText, safiText } from './registry-names.ts';

/** A field of fixed length: how many octets, its name, what a number in it says. */
type FixedField = readonly [length: number, name: string, words?: (value: number) => string];

const AFI: FixedField = [2, 'AFI', afiText];
const SAFI: FixedField = [1, 'SAFI', safiText];
const DIRECTIONS: readonly (string | undefined)[] = [undefined, 'receive', 'send', 'send and receive'];

/** Which bits of a number are set, in words. */
function flags(value: number, bits: Readonly<Record<string, number>>): string {
  return Object.keys(bits)
    .filter((name) => (value & (bits[name] ?? 0)) !== 0)
    .join(', ');
}

const seconds = (value: number): string => `${value} s`;
const forwardingFlags = (value: number): string =>
  `0x${value.toString(16).padStart(2, '0')}${value & 0x80 ? ' (forwarding state preserved)' : ''}`;

/** The fields of a value: what comes once, and what comes again and again behind it. */
interface CapabilityLayout {
  readonly once?: readonly FixedField[];
  readonly each?: readonly FixedField[];
}

/** By capability code. */
const LAYOUTS: ReadonlyMap<number, CapabilityLayout> = new Map<number, CapabilityLayout>([
  [CAPABILITY_CODE.multiprotocol, { once: [AFI, [1, 'Reserved'], SAFI] }],
  [
    CAPABILITY_CODE['extended-next-hop'],
    {
      each: [
        [2, 'NLRI AFI', afiText],
        [2, 'NLRI SAFI', safiText],
        [2, 'Nexthop AFI', afiText],
      ],
    },
  ],
  [CAPABILITY_CODE.role, { once: [[1, 'Role', roleText]] }],
  [
    CAPABILITY_CODE['graceful-restart'],
    {
      once: [
        [
          2,
          'Restart Flags and Restart Time',
          (value): string =>
            [flags(value, { restarting: 0x8000, 'N bit': 0x4000 }), seconds(value & 0xfff)].filter(Boolean).join(', '),
        ],
      ],
      each: [AFI, SAFI, [1, 'Flags', forwardingFlags]],
    },
  ],
  [CAPABILITY_CODE['four-octet-asn'], { once: [[4, 'AS Number']] }],
  [
    CAPABILITY_CODE['add-path'],
    {
      each: [
        AFI,
        SAFI,
        [1, 'Send/Receive', (value): string => `${value} (${DIRECTIONS[value] ?? 'no such direction'})`],
      ],
    },
  ],
  [
    CAPABILITY_CODE['long-lived-graceful-restart'],
    { each: [AFI, SAFI, [1, 'Flags', forwardingFlags], [3, 'Long-Lived Stale Time', seconds]] },
  ],
]);

/** The names of the texts in a capability, each with its length before it. */
const TEXTS: ReadonlyMap<number, readonly string[]> = new Map([
  [CAPABILITY_CODE.fqdn, ['Hostname', 'Domain Name']],
  [CAPABILITY_CODE['software-version'], ['Version']],
]);

function explainFixed(
  explanation: Explanation,
  start: number,
  end: number,
  depth: number,
  fields: readonly FixedField[],
): number {
  let offset = start;
  for (const [length, name, words] of fields) {
    if (offset >= end) return offset;
    explanation.addNumber(offset, length, end, depth, name, words);
    offset = Math.min(offset + length, end);
  }
  return offset;
}

function explainTexts(
  explanation: Explanation,
  start: number,
  end: number,
  depth: number,
  names: readonly string[],
): number {
  let offset = start;
  for (const name of names) {
    const length = explanation.addNumber(offset, 1, end, depth, `${name} Length`);
    if (length === undefined) return end;
    const textEnd = Math.min(offset + 1 + length, end);
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(explanation.octets.subarray(offset + 1, textEnd));
    explanation.add(offset + 1, textEnd, depth, name, quoted(text));
    offset = textEnd;
  }
  return offset;
}

function explainValue(explanation: Explanation, code: number, start: number, end: number, depth: number): void {
  const { once = [], each = [] } = LAYOUTS.get(code) ?? {};
  let offset = explainFixed(explanation, start, end, depth, once);
  while (each.length > 0 && offset < end) offset = explainFixed(explanation, offset, end, depth, each);
  offset = explainTexts(explanation, offset, end, depth, offset < end ? (TEXTS.get(code) ?? []) : []);
  explanation.addOctets(offset, end, depth, 'Capability Value');
}

/** Explains the capabilities from `start` to `end`: RFC 5492, section 4. */
export function explainCapabilities(explanation: Explanation, start: number, end: number, depth: number): void {
  let offset = start;
  while (offset < end) {
    const found = typeLengthValueAt(explanation.octets, offset, end, false);
    if (found === undefined) {
      explanation.addOctets(offset, end, depth, 'Capability');
      return;
    }
    const code = capabilityCodeText(found.type);
    const value = explanation.octets.subarray(found.valueOffset, found.end);
    const unread = LAYOUTS.has(found.type) || TEXTS.has(found.type);
    const understood = !unread || decodeCapability(found.type, value).type !== 'unknown';
    explanation.add(
      offset,
      found.end,
      depth,
      'Capability',
      understood ? code : `${code}, ignored: its value cannot be read`,
    );
    explanation.addNumber(offset, 1, found.end, depth + 1, 'Capability Code', capabilityCodeText);
    explanation.addNumber(offset + 1, 1, found.end, depth + 1, 'Capability Length');
    explainValue(explanation, found.type, found.valueOffset, found.end, depth + 1);
    offset = found.end;
  }
}
