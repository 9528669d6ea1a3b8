const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?Z$/;

/** Days from 1970-01-01 to a day of the Gregorian calendar. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  // Counting years from March puts the leap day last.
  const y = month <= 2 ? year - 1 : year;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return y * 365 + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + dayOfYear - 719_468;
}

/**
 * Reads `metadata.creationTimestamp` as Kubernetes writes it: RFC 3339 in UTC, whole seconds.
 *
 * @returns Milliseconds since 1970, or `undefined` for anything else.
 */
export function parseCreationTimestampMs(text: unknown): number | undefined {
  const parts = typeof text === 'string' && text.length <= 40 ? RFC3339.exec(text) : null;
  if (parts === null) {
    return undefined;
  }
  const [year = 0, month = 0, day = 0, hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map(Number);
  return (((daysSinceEpoch(year, month, day) * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
}
