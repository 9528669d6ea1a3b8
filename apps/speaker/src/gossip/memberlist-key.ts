import { type FSWatcher, watch } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText, type Logger } from '@steelyard/daemon';

export interface MemberlistSecretOptions {
  /** `--ml-secret-key-path`: the folder of the file `secretkey`, a mounted Secret. Empty: no encryption. */
  readonly directory: string;
  /**
   * Called with each secret that differs from the last, octet for octet as it is in the file; with `undefined` when one
   * was awaited and the file stays empty.
   */
  readonly onSecret: (secret: Uint8Array | undefined) => void;
  readonly logger: Logger;
  /** How often the file is read without an event. By default 10 s. */
  readonly pollIntervalMs?: number;
}

/** The secret of the gossip, followed. */
export interface MemberlistSecretWatch {
  /** Undefined while there never was one. */
  readonly current: Uint8Array | undefined;
  /** There is to be one, and it is not there yet. A file that is empty means that there is none, as with MetalLB. */
  readonly awaited: boolean;
  stop(): void;
}

/** The key of the Secret's data, which the controller makes. */
const FILE_NAME = 'secretkey';
/** Far more than anybody's: `openssl rand -base64 128` makes 175. */
const MAX_SECRET_OCTETS = 4_096;
const POLL_INTERVAL_MS = 10_000;
const UNENCRYPTED = 'no ml-secret-key set, memberlist traffic will not be encrypted';
const AWAITED = 'the memberlist secret is not there: the gossip is entered as soon as it is';

type Look =
  | { readonly found: 'secret'; readonly secret: Uint8Array }
  | { readonly found: 'empty' | 'missing' | 'refused'; readonly because: string };

async function read(path: string): Promise<Look> {
  try {
    await using file = await open(path, 'r');
    const octets = new Uint8Array(MAX_SECRET_OCTETS + 1); // one more than may be there
    let length = 0;
    for (;;) {
      const { bytesRead } = await file.read(octets, length, octets.length - length, null);
      length += bytesRead;
      if (bytesRead === 0 || length === octets.length) break;
    }
    if (length === 0) return { found: 'empty', because: `${path} is empty` };
    if (length > MAX_SECRET_OCTETS) {
      return { found: 'refused', because: `${path} is longer than ${MAX_SECRET_OCTETS} octets` };
    }
    return { found: 'secret', secret: octets.slice(0, length) };
  } catch (error) {
    const found = error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'missing' : 'refused';
    return { found, because: errorText(error) };
  }
}

function same(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && a.length === b.length && a.every((octet, i) => octet === b[i]);
}

/**
 * Follows the secret that encrypts the gossip. It is never trimmed and never logged. Kubernetes swaps a mounted Secret by one
 * rename of `..data`, so that a file is old or new and nothing between. A Secret that goes, or is replaced by nothing or by too
 * much, takes no key away: nothing is ever sent in the clear because something was deleted.
 *
 * MetalLB reads it once, at the start, and ends if the file is not there; here it is waited for.
 *
 * @throws At the start, if what is there cannot be read or is too large to be one.
 * @see MetalLB `speaker/main.go`, `internal/speakerlist/speakerlist.go`
 */
export async function watchMemberlistSecret(options: MemberlistSecretOptions): Promise<MemberlistSecretWatch> {
  const { directory, onSecret, logger, pollIntervalMs = POLL_INTERVAL_MS } = options;
  if (directory === '') {
    logger.warn({ op: 'startup' }, UNENCRYPTED);
    return { current: undefined, awaited: false, stop() {} };
  }
  const path = join(directory, FILE_NAME);
  let current: Uint8Array | undefined;
  let awaited = false;
  let told: string | undefined;
  let found: Look['found'];
  let reading = false;
  let changedWhileReading = false;
  let watcher: FSWatcher | undefined;
  let stopped = false;

  function take(look: Look): void {
    // One that comes empty may be one that is still being written.
    const isBeingWritten = awaited && look.found === 'empty';
    awaited = current === undefined && (look.found === 'missing' || isBeingWritten);
    found = look.found;
    if (isBeingWritten) return;
    if (look.found === 'secret') {
      told = undefined;
      if (same(current, look.secret)) return;
      const isFirst = current === undefined;
      current = look.secret;
      if (!isFirst) logger.info({ op: 'memberlistKey' }, 'the memberlist secret has changed');
      onSecret(look.secret);
      return;
    }
    if (told === look.because) return;
    told = look.because;
    const pairs = { op: 'memberlistKey', reason: look.because };
    if (look.found === 'refused') logger.error(pairs, 'the memberlist secret cannot be taken');
    else if (current === undefined && look.found === 'missing') logger.error(pairs, AWAITED);
    else if (current === undefined) logger.warn(pairs, UNENCRYPTED);
    else logger.warn(pairs, 'the memberlist secret is gone; the last one stays in use');
  }

  async function lookAgain(): Promise<void> {
    changedWhileReading = true;
    if (reading || stopped) return;
    reading = true;
    try {
      while (changedWhileReading && !stopped) {
        changedWhileReading = false;
        const look = await read(path);
        if (!stopped) take(look);
      }
    } catch (error) {
      logger.error({ op: 'memberlistKey', error }, 'the memberlist secret was not taken over');
    } finally {
      reading = false;
    }
  }

  /** Anew each time: the folder may be another one by now, and the kernel's watch is on the old. */
  function follow(): void {
    watcher?.close();
    watcher = undefined;
    try {
      watcher = watch(directory, { persistent: false }, () => void lookAgain());
      watcher.on('error', () => watcher?.close());
    } catch {
      // no such folder, no inotify left: the next poll tries again
    }
  }

  /** It has been empty for the time between two polls: there is none. */
  function giveUpWaiting(): void {
    awaited = false;
    logger.warn({ op: 'memberlistKey', reason: `${path} is empty` }, UNENCRYPTED);
    onSecret(undefined);
  }

  follow(); // before the first look, so that no change falls between
  const first = await read(path);
  if (first.found === 'refused') {
    watcher?.close();
    throw new Error(`failed to read memberlist secret key file: ${first.because}`);
  }
  take(first);
  let wasEmpty = false;
  const polling = setInterval(() => {
    if (awaited && found === 'empty' && wasEmpty) giveUpWaiting();
    wasEmpty = found === 'empty';
    follow();
    void lookAgain();
  }, pollIntervalMs);
  polling.unref();
  return {
    get current() {
      return current;
    },
    get awaited() {
      return awaited;
    },
    stop() {
      stopped = true;
      clearInterval(polling);
      watcher?.close();
    },
  };
}
