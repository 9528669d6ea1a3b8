import { decodeMessage, type ExplainedField, explainMessage } from '@steelyard/bgp';
import { createColors } from 'picocolors';
import type { FoundMessage } from './messages.ts';

/** Octets of a field that are shown; the rest is counted. */
const SHOWN_OCTETS = 8;

/** A message for people: a heading, and a line for each field. */
export function formatMessage(found: FoundMessage, number: number, colored: boolean): string {
  const { bold, dim, red } = createColors(colored);
  const { octets } = found;
  const fields = explainMessage(octets, found.context);
  const way = found.from === undefined ? '' : `, ${found.from} → ${found.to}`;
  const heading = bold(`#${number} ${kindOf(found)}, ${octets.length} octets${way}`);
  const width = Math.max(...fields.map(({ depth, name }) => 2 * depth + name.length));
  const lines = fields.map((field) => {
    const { offset, depth, name, value, failure } = field;
    const label = `${'  '.repeat(depth)}${name}`.padEnd(width);
    const hex = isLeaf(field, fields) ? dim(hexOf(octets, field)) : '';
    const line = `  ${String(offset).padStart(5)}  ${label}  ${value}${hex === '' ? '' : `  ${hex}`}`;
    return failure === undefined ? line : `${line}\n         ${red(`^ ${failure}`)}`;
  });
  return `${[heading, ...lines].join('\n')}\n`;
}

/** The same for scripts. */
export function messageAsJson(found: FoundMessage, number: number): object {
  const { from, to, octets } = found;
  return {
    number,
    type: kindOf(found),
    ...(from === undefined ? {} : { from, to }),
    octets: Buffer.from(octets).toString('hex'),
    fields: explainMessage(octets, found.context),
  };
}

/** Whether something in it is wrong. */
export function hasFailure({ octets, context }: FoundMessage): boolean {
  return explainMessage(octets, context).some(({ failure }) => failure !== undefined);
}

function kindOf({ octets, context }: FoundMessage): string {
  const message = decodeMessage(octets, context);
  return message.ok ? message.value.type.toUpperCase() : 'malformed';
}

/** Whether it has no fields inside of it: then its own octets are worth showing. */
function isLeaf({ offset, length, depth }: ExplainedField, fields: readonly ExplainedField[]): boolean {
  return (
    length > 0 &&
    !fields.some((other) => other.depth === depth + 1 && other.offset >= offset && other.offset < offset + length)
  );
}

function hexOf(octets: Uint8Array, { offset, length }: ExplainedField): string {
  const shown = Buffer.from(octets.subarray(offset, offset + Math.min(length, SHOWN_OCTETS))).toString('hex');
  return length > SHOWN_OCTETS ? `${shown}… (${length})` : shown;
}
