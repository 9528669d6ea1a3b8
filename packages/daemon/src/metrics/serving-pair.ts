import {
  type CertificatePair,
  inspectServingCertificate,
  issueSelfSignedCertificate,
  watchCertificateDirectory,
} from '@steelyard/serving-certificates';
import type { Logger } from '../log/logger.ts';

/** Where the server's certificate comes from. */
export type CertificateSource =
  /** `tls.crt` and `tls.key`, followed when they change. Until they are there, a self-signed one serves, as with MetalLB. */
  | { readonly directory: string }
  /** Made at the start and kept in memory: it encrypts, and proves nothing. */
  | 'self-signed';

export interface ServingPair {
  readonly current: CertificatePair;
  close(): Promise<void>;
}

interface ServingPairOptions {
  readonly source: CertificateSource;
  readonly logger: Logger;
  /** Called when another pair is to be served. */
  readonly onChange: (pair: CertificatePair) => void;
  readonly nowMs?: () => number;
  readonly checkIntervalMs?: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const VALID_MS = 365 * DAY_MS;
const RENEWED_BEFORE_MS = 30 * DAY_MS;

/** controller-runtime's is for `localhost` and 127.0.0.1, too (pkg/metrics/server/server.go). */
function issue(nowMs: number): Promise<CertificatePair> {
  return issueSelfSignedCertificate({
    commonName: 'localhost',
    dnsNames: ['localhost'],
    ipAddresses: ['127.0.0.1', '::1'],
    notBefore: new Date(nowMs - HOUR_MS),
    notAfter: new Date(nowMs + VALID_MS),
  });
}

/** Resolves when there is a pair to serve; from then on it is kept valid. */
export async function openServingPair(options: ServingPairOptions): Promise<ServingPair> {
  const { source, logger, onChange, nowMs = Date.now } = options;
  let current: CertificatePair | undefined;
  let selfSigned = false;
  let closed = false;

  function serve(pair: CertificatePair, ownWork: boolean): void {
    if (closed || (ownWork && current !== undefined && !selfSigned)) return; // what was mounted meanwhile stands
    const first = current === undefined;
    current = pair;
    selfSigned = ownWork;
    if (first) return;
    onChange(pair);
    logger.info({ op: 'metricsCertificate', selfSigned }, 'serving another certificate for metrics');
  }

  const watch =
    source === 'self-signed'
      ? undefined
      : await watchCertificateDirectory({
          directory: source.directory,
          required: false,
          onPair: (pair) => serve(pair, false),
          onError: (error) =>
            logger.error(
              { op: 'metricsCertificate', error },
              'cannot use the certificate for metrics; the one before it, or a self-signed one, serves',
            ),
        });
  if (current === undefined) serve(await issue(nowMs()), true);

  /** Daily, because a timer for a year is longer than timers are, and clocks jump. */
  function renew(): void {
    if (current === undefined || !selfSigned) return;
    const then = new Date(nowMs() + RENEWED_BEFORE_MS);
    if (inspectServingCertificate({ pair: current, at: then }).ok) return;
    issue(nowMs()).then(
      (pair) => serve(pair, true),
      (error: unknown) => logger.error({ op: 'metricsCertificate', error }, 'cannot renew the self-signed certificate'),
    );
  }
  const timer = setInterval(renew, options.checkIntervalMs ?? DAY_MS);
  timer.unref();

  return {
    get current(): CertificatePair {
      if (current === undefined) throw new Error('no certificate'); // never: it resolves only with one
      return current;
    },
    async close() {
      closed = true;
      clearInterval(timer);
      await watch?.stop();
    },
  };
}
