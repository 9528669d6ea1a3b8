/** Ages as kubectl's tables show them (k8s.io/apimachinery/pkg/util/duration, `HumanDuration`). */

const SECONDS_PER_MINUTE = 60;
const MINUTES_PER_HOUR = 60;
const HOURS_PER_DAY = 24;
const DAYS_PER_YEAR = 365;

export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000);
  // Two clocks may differ by a moment.
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 2 * SECONDS_PER_MINUTE) return `${seconds}s`;
  const minutes = Math.trunc(seconds / SECONDS_PER_MINUTE);
  if (minutes < 10) return withRest(minutes, 'm', seconds % SECONDS_PER_MINUTE, 's');
  if (minutes < 3 * MINUTES_PER_HOUR) return `${minutes}m`;
  const hours = Math.trunc(minutes / MINUTES_PER_HOUR);
  if (hours < 8) return withRest(hours, 'h', minutes % MINUTES_PER_HOUR, 'm');
  if (hours < 2 * HOURS_PER_DAY) return `${hours}h`;
  const days = Math.trunc(hours / HOURS_PER_DAY);
  if (days < 8) return withRest(days, 'd', hours % HOURS_PER_DAY, 'h');
  if (days < 2 * DAYS_PER_YEAR) return `${days}d`;
  const years = Math.trunc(days / DAYS_PER_YEAR);
  return years < 8 ? withRest(years, 'y', days % DAYS_PER_YEAR, 'd') : `${years}y`;
}

function withRest(whole: number, unit: string, rest: number, restUnit: string): string {
  return rest === 0 ? `${whole}${unit}` : `${whole}${unit}${rest}${restUnit}`;
}

/** The age of something that began at this time; what no time is given for is `<unknown>`. */
export function ageOf(time: string, nowMs: number): string {
  const beganMs = Date.parse(time);
  return Number.isNaN(beganMs) ? '<unknown>' : humanDuration(nowMs - beganMs);
}
