import { readFile } from 'node:fs/promises';
import { type Layer2Exclusions, parseLayer2Exclusions } from '@steelyard/config/layer2-exclusions';
import { errorText, type Logger } from '@steelyard/daemon';

/** Where MetalLB's manifests mount the ConfigMap `metallb-excludel2`. */
const PATH = '/etc/metallb/excludel2.yaml';

/**
 * Reads which interfaces are left alone; without the file none is.
 *
 * @throws If it cannot be read or understood: to go on would announce where nothing must be announced.
 */
export async function readExcludedInterfaces(logger: Logger, path: string = PATH): Promise<Layer2Exclusions> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) {
      return () => false;
    }
    throw new Error(`cannot read ${path}: ${errorText(error)}; mend the mount, or remove it to exclude nothing`, {
      cause: error,
    });
  }
  const outcome = await parseLayer2Exclusions(text, path);
  if (!outcome.ok) throw new Error(outcome.message);
  for (const key of outcome.unknownKeys) {
    logger.warn({ op: 'startup', path, key }, 'an unknown key excludes no interface');
  }
  return outcome.value;
}
