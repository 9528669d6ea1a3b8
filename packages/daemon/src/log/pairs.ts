/** What one log line may carry beside its message. */
export type LogPairs = Readonly<Record<string, unknown>>;

const MAX_STRING_LENGTH = 4096;
const MAX_ENTRIES = 100;
const MAX_DEPTH = 4;
const MAX_CAUSES = 5;

// The value of such a key is never shown. Names of Secrets (secretName, secret-path) are not secrets, and are needed to find one.
const SECRET_KEY =
  /^(?:.*[-_.]?(?:password|passwd|passphrase|authorization|api[-_]?key|private[-_]?key|client[-_]?key(?:[-_]?data)?|credentials?)|(?:.*[-_.])?(?:secret|secret[-_]?key|token)|(?:.*[a-z])(?:Secret|SecretKey|Token)|cookie|set-cookie)$/i;
const SECRET_IN_TEXT = /\b(Bearer|Basic)\s+[\w.~+/=-]{8,}|\/\/[^\s/@:]*:[^\s/@]+@/gi;

function presentText(text: string): string {
  const cut = text.length > MAX_STRING_LENGTH ? `${text.slice(0, MAX_STRING_LENGTH)}…` : text;
  return cut.replace(SECRET_IN_TEXT, (_found, scheme: string | undefined) =>
    scheme === undefined ? '//***@' : `${scheme} ***`,
  );
}

/** An error as go-kit prints one: its text, with the texts of its causes behind it. */
export function errorText(error: unknown): string {
  const texts: string[] = [];
  let current: unknown = error;
  for (let depth = 0; depth < MAX_CAUSES && current !== undefined && current !== null; depth++) {
    const text = current instanceof Error ? current.message || current.name : String(current);
    if (!texts.some((known) => known.includes(text))) texts.push(text);
    current = current instanceof Error ? current.cause : undefined;
  }
  return presentText(texts.join(': '));
}

function presentValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return presentText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return errorText(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString();
  if (ArrayBuffer.isView(value)) return `${value.byteLength} octets`;
  if (depth >= MAX_DEPTH) return '…';
  if (value instanceof Map) return presentPairs(Object.fromEntries(value), depth + 1);
  const items: readonly unknown[] | undefined =
    value instanceof Set ? [...value] : Array.isArray(value) ? value : undefined;
  if (items !== undefined) {
    const shown = items.slice(0, MAX_ENTRIES).map((item) => presentValue(item, depth + 1));
    return items.length > MAX_ENTRIES ? [...shown, `… ${items.length - MAX_ENTRIES} more`] : shown;
  }
  return presentPairs(value as LogPairs, depth + 1);
}

/** What is written of the pairs: secrets hidden, errors as text with their code beside it, everything bounded. */
export function presentPairs(pairs: LogPairs, depth = 0): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  let entries = 0;
  for (const [key, value] of Object.entries(pairs)) {
    if (value === undefined) continue;
    if (++entries > MAX_ENTRIES) break;
    shown[key] = SECRET_KEY.test(key) && value !== '' ? '***' : presentValue(value, depth);
    if (key === 'error' && value instanceof Error && 'code' in value && !('code' in pairs)) shown['code'] = value.code;
  }
  return shown;
}
