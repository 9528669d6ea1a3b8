import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where what is expensive to make is kept between runs: `$XDG_CACHE_HOME` or `~/.cache`. */
export function cacheHome({ XDG_CACHE_HOME: xdg }: NodeJS.ProcessEnv): string {
  return xdg === undefined || xdg === '' ? join(homedir(), '.cache') : xdg;
}
