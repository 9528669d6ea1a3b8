import { type CertificatePair, watchCertificateDirectory } from '@steelyard/serving-certificates';
import type { AdapterLogger } from '../logger.ts';
import type { CertificateSource } from './options.ts';

export interface MountedCertificateOptions {
  /** `--cert-dir`: `tls.crt` and `tls.key` in it. */
  readonly directory: string;
  /** To be served from now on. */
  readonly onCertificate: (pair: CertificatePair) => void;
  readonly logger: AdapterLogger;
}

/**
 * `--disable-cert-rotation`: somebody else makes the certificate (cert-manager, for instance), mounts it, and fills in its
 * authority. No object is read or written; files that come or change later are taken up as they are.
 */
export async function followMountedCertificate(options: MountedCertificateOptions): Promise<CertificateSource> {
  const { directory, onCertificate, logger } = options;
  let readiness: CertificateSource['readiness'] = { ready: false, because: `no certificate in ${directory} yet` };
  const watch = await watchCertificateDirectory({
    directory,
    required: false,
    onPair(pair) {
      readiness = { ready: true };
      logger.info({ op: 'webhookCertificate', directory }, 'webhook certificate is served');
      onCertificate(pair);
    },
    onError(error) {
      if (!readiness.ready) readiness = { ready: false, because: `webhook certificate: ${error.message}` };
      logger.error({ op: 'webhookCertificate', directory, error }, 'webhook certificate cannot be read');
    },
  });
  return {
    get readiness() {
      return readiness;
    },
    stop: () => watch.stop(),
  };
}
