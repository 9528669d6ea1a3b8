import { createPrivateKey, X509Certificate } from 'node:crypto';
import { type FSWatcher, watch } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { type CertificatePair, MAX_PEM_OCTETS } from './certificate-pair.ts';

export interface CertificateDirectoryOptions {
  readonly directory: string;
  /** By default `tls.crt`, as in a Secret of type `kubernetes.io/tls`. */
  readonly certificateName?: string;
  /** By default `tls.key`. */
  readonly keyName?: string;
  /** Called with each pair that differs from the last; the first time before the promise resolves. */
  readonly onPair: (pair: CertificatePair) => void;
  /** Why what is there cannot be taken; once per reason. The pair before it stays in use. */
  readonly onError: (error: Error) => void;
  /** By default true: rejects if there is no usable pair at the beginning. False: it may come later. */
  readonly required?: boolean;
  /** How often the files are read without an event, for file systems that tell of none. By default 10 s, as controller-runtime. */
  readonly pollIntervalMs?: number;
}

export interface CertificateDirectoryWatch {
  stop(): Promise<void>;
}

const POLL_INTERVAL_MS = 10_000;
// Whoever writes one file after the other has written both by then.
const SETTLE_MS = 500;

function pairError(directory: string, why: string, cause?: unknown): Error {
  const error = new Error(`no usable certificate in ${directory}: ${why}`, cause === undefined ? {} : { cause });
  return Object.assign(error, { code: 'ERR_SERVING_CERTIFICATES_DIRECTORY' });
}

async function readBounded(path: string): Promise<string> {
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  const octets = Buffer.alloc(Math.min(size, MAX_PEM_OCTETS) + 1); // one more than may be there
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(octets, length, octets.length - length, null);
    length += bytesRead;
    if (bytesRead === 0 || length === octets.length) break;
  }
  if (length > MAX_PEM_OCTETS) throw new Error(`${path} is longer than ${MAX_PEM_OCTETS} octets`);
  return octets.toString('utf8', 0, length);
}

/** Whether TLS can be served with the two; why not, in words that quote nothing of the key. */
function whyUnusable({ certificatePem, privateKeyPem }: CertificatePair): string | undefined {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(certificatePem);
  } catch {
    return 'the certificate cannot be parsed';
  }
  try {
    if (!certificate.checkPrivateKey(createPrivateKey(privateKeyPem)))
      return 'the private key does not belong to the certificate';
    createSecureContext({ cert: certificatePem, key: privateKeyPem });
  } catch {
    return 'the private key, or the chain behind the certificate, cannot be used';
  }
  return undefined;
}

/**
 * Follows a certificate and its key in a directory, as controller-runtime's certwatcher does: by the kernel's events and by
 * looking again every ten seconds. Kubernetes swaps a mounted Secret by one rename of `..data`; who copies file by file is
 * waited for: a certificate is taken only with the key that belongs to it, and what is in use stays until then.
 */
export async function watchCertificateDirectory(
  options: CertificateDirectoryOptions,
): Promise<CertificateDirectoryWatch> {
  const { directory, certificateName = 'tls.crt', keyName = 'tls.key', onPair, onError } = options;
  let current: CertificatePair | undefined;
  let toldReason: string | undefined;
  let reading: Promise<void> | undefined;
  let changedWhileReading = false;
  let settling: NodeJS.Timeout | undefined;
  let watcher: FSWatcher | undefined;
  let stopped = false;

  /** Takes the pair that is there, if it is one; else why not. */
  async function take(): Promise<Error | undefined> {
    let pair: CertificatePair;
    try {
      const certificatePem = await readBounded(join(directory, certificateName));
      pair = { certificatePem, privateKeyPem: await readBounded(join(directory, keyName)) };
    } catch (cause) {
      return pairError(directory, cause instanceof Error ? cause.message : String(cause), cause);
    }
    if (stopped) return undefined;
    if (pair.certificatePem === current?.certificatePem && pair.privateKeyPem === current.privateKeyPem)
      return undefined;
    const why = whyUnusable(pair);
    if (why !== undefined) return pairError(directory, why);
    current = pair;
    call(() => onPair(pair));
    return undefined;
  }

  /** A consumer's mistake must not end the process from within a timer, nor the watching. */
  function call(consumer: () => void): void {
    try {
      consumer();
    } catch (error) {
      tell(error instanceof Error ? error : new Error(String(error)));
    }
  }

  function tell(error: Error): void {
    if (stopped || toldReason === error.message) return;
    toldReason = error.message;
    try {
      onError(error);
    } catch {
      // whoever is told of errors and throws has nobody left to be told
    }
  }

  async function look(patient: boolean): Promise<void> {
    do {
      changedWhileReading = false;
      const error = await take();
      if (stopped) return;
      if (error === undefined) toldReason = undefined;
      else if (!patient) tell(error);
      else settle();
    } while (changedWhileReading);
  }

  function settle(): void {
    clearTimeout(settling);
    settling = setTimeout(() => void lookOnce(false), SETTLE_MS);
    settling.unref();
  }

  function lookOnce(patient: boolean): Promise<void> {
    if (stopped) return Promise.resolve();
    changedWhileReading = true;
    reading ??= look(patient).finally(() => {
      reading = undefined;
    });
    return reading;
  }

  function follow(): void {
    if (watcher !== undefined || stopped) return;
    try {
      watcher = watch(directory, { persistent: false }, () => void lookOnce(true));
      watcher.on('error', unfollow);
    } catch {
      watcher = undefined; // no such directory, no inotify left: the next poll tries again
    }
  }

  function unfollow(): void {
    watcher?.close();
    watcher = undefined;
  }

  follow(); // before the first look, so that no change falls between
  const error = await take();
  if (error !== undefined) {
    if (options.required ?? true) {
      stopped = true;
      unfollow();
      throw error;
    }
    tell(error);
  }
  const polling = setInterval(() => {
    unfollow(); // the directory may be another one by now, and the kernel's watch is on the old
    follow();
    void lookOnce(false);
  }, options.pollIntervalMs ?? POLL_INTERVAL_MS);
  polling.unref();

  return {
    async stop() {
      stopped = true;
      clearInterval(polling);
      clearTimeout(settling);
      unfollow();
      await reading;
    },
  };
}
