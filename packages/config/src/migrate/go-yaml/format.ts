import { compareKeys } from './key-order.ts';
import { formatGoText } from './scalar.ts';

/** Longer keys are written after a question mark. */
const MAX_SIMPLE_KEY_OCTETS = 128;

/**
 * Writes JSON data as `sigs.k8s.io/yaml` does, octet for octet: keys in Go's sequence, lists at the column of their
 * key, texts quoted where YAML 1.1 would take them for something else.
 *
 * @param value - Made of objects, lists, texts, booleans and whole numbers. A member that is undefined is left out.
 */
export function formatGoYaml(value: unknown): string {
  return `${block(value, 0, 0)}\n`;
}

/** A value that begins at a column of its line, and whose further lines are indented. */
function block(value: unknown, indent: number, column: number): string {
  if (Array.isArray(value)) {
    const margin = ' '.repeat(indent);
    return value.length === 0
      ? '[]'
      : value.map((item) => `- ${block(item, indent + 2, indent + 2)}`).join(`\n${margin}`);
  }
  if (typeof value === 'object' && value !== null) {
    return mapping(value, indent);
  }
  return typeof value === 'string' ? formatGoText(value, { column, indent, isKey: false }) : String(value);
}

function mapping(value: object, indent: number): string {
  const margin = ' '.repeat(indent);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => compareKeys(a, b));
  return members.length === 0 ? '{}' : members.map(([key, member]) => entry(key, member, indent)).join(`\n${margin}`);
}

function entry(key: string, member: unknown, indent: number): string {
  const margin = ' '.repeat(indent);
  const keyText = formatGoText(key, { column: indent, indent: indent + 2, isKey: true });
  const simple = new TextEncoder().encode(key).length <= MAX_SIMPLE_KEY_OCTETS && !key.includes('\n');
  const head = simple ? `${keyText}:` : `? ${keyText}\n${margin}:`;
  if (Array.isArray(member) && member.length > 0) {
    return `${head}\n${margin}${block(member, indent, indent)}`; // a list is not indented below its key
  }
  if (typeof member === 'object' && member !== null && Object.keys(member).length > 0) {
    return `${head}\n${margin}  ${mapping(member, indent + 2)}`;
  }
  const column = simple ? indent + keyText.length + 2 : indent + 2;
  const text = block(member, indent + 2, column);
  return text === '' ? head : `${head} ${text}`;
}
