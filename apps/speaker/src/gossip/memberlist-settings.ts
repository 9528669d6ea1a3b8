import { closeSync, openSync, readSync } from 'node:fs';
import { errorText, type Logger } from '@steelyard/daemon';
import { LAN_CONFIG, type MemberlistConfig, parseMetalLbMemberlistConfig, WAN_CONFIG } from '@steelyard/memberlist';

/** MetalLB's flags of memberlist, as far as they choose how it works. */
export interface MemberlistFlags {
  readonly bindAddress: string;
  readonly labels: string;
  readonly wan: boolean;
  /** By default where MetalLB's manifests mount the ConfigMap `metallb-memberlist-config`. */
  readonly configPath?: string;
}

/** Whether there is a gossip, and how it keeps time. */
export type MemberlistSettings =
  | { readonly enabled: false }
  | { readonly enabled: true; readonly config: MemberlistConfig; readonly source: 'lan' | 'wan' | 'file' };

const CONFIG_PATH = '/etc/metallb/memberlist/config.json';
/** The file has 19 keys. */
const MAX_CONFIG_OCTETS = 65_536;

/** Undefined where there is none. */
function readConfigFile(path: string): string | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) {
      return undefined;
    }
    throw error;
  }
  try {
    const octets = new Uint8Array(MAX_CONFIG_OCTETS + 1); // one more than may be there
    let length = 0;
    for (;;) {
      const read = readSync(file, octets, length, octets.length - length, null);
      length += read;
      if (read === 0 || length === octets.length) break;
    }
    if (length > MAX_CONFIG_OCTETS) throw new Error(`longer than ${MAX_CONFIG_OCTETS} octets`);
    return new TextDecoder().decode(octets.subarray(0, length));
  } finally {
    closeSync(file);
  }
}

/**
 * Chooses as MetalLB does: a file where there is one, whatever `--ml-wan-config` says, else the timing of wide-area or of local
 * networks. Without labels or without an address there is no gossip.
 *
 * @throws If there is a file that cannot be used, which ends a speaker of MetalLB's too: members with different timing would
 * declare each other dead.
 * @see MetalLB `internal/speakerlist/speakerlist.go`, `New`
 */
export function readMemberlistSettings(flags: MemberlistFlags, logger: Logger): MemberlistSettings {
  if (flags.labels === '' || flags.bindAddress === '') {
    const pairs = { op: 'startup' };
    logger.info(pairs, 'not starting fast dead node detection (memberlist), need ml-bindaddr / ml-labels config');
    logger.info(pairs, 'when memberlist is disabled, the speaker pods must run on all nodes');
    return { enabled: false };
  }
  const path = flags.configPath ?? CONFIG_PATH;
  let text: string | undefined;
  try {
    text = readConfigFile(path);
  } catch (error) {
    throw new Error(`failed to load memberlist config ${path}: ${errorText(error)}`, { cause: error });
  }
  if (text === undefined) {
    return flags.wan
      ? { enabled: true, config: WAN_CONFIG, source: 'wan' }
      : { enabled: true, config: LAN_CONFIG, source: 'lan' };
  }
  logger.info({ op: 'startup', path }, 'loading memberlist config from file');
  const outcome = parseMetalLbMemberlistConfig(text);
  if (!outcome.ok) throw new Error(`failed to load memberlist config ${path}: ${outcome.failure.message}`);
  for (const warning of outcome.warnings) logger.warn({ op: 'startup', path, warning }, 'memberlist config');
  return { enabled: true, config: outcome.config, source: 'file' };
}
