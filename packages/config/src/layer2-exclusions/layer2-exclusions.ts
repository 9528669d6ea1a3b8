import type { Layer2ExclusionsOutcome } from './exclusions.ts';
import { parsePlainExclusions } from './plain-exclusions.ts';

/** Where MetalLB's manifests mount the ConfigMap `metallb-excludel2`. */
const FILE = '/etc/metallb/excludel2.yaml';

/**
 * Reads `announcedInterfacesToExclude`: regular expressions in Go's syntax, any of which excludes an interface in whose name
 * it occurs; `^` and `$` anchor it. An empty text excludes nothing, an empty expression everything, both as in MetalLB.
 *
 * What is wrong is a value, and is to keep the process from starting: to go on without it would announce where nothing must
 * be announced. A file that is not there excludes nothing: then there is no text to ask this for.
 *
 * The file as it is shipped is read by this alone. For any other a YAML parser and Go's expressions are loaded, which
 * costs 17 MB of RSS.
 *
 * @param file - Its name, for the message.
 * @see MetalLB `speaker/main.go`, `parseAnnouncedInterfacesToExclude`
 */
export async function parseLayer2Exclusions(text: string, file: string = FILE): Promise<Layer2ExclusionsOutcome> {
  const plain = parsePlainExclusions(text);
  if (plain !== undefined) {
    return plain;
  }
  const { parseAnyExclusions } = await import('./any-exclusions.ts');
  return parseAnyExclusions(text, file);
}
