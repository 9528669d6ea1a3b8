import { createPrivateKey, generateKeyPair, KeyObject, type webcrypto } from 'node:crypto';
import { promisify } from 'node:util';

/** `rsa-2048` where Go's cert-controller has to read the key; `ecdsa-p256` everywhere else: it is made in a millisecond. */
export type KeyAlgorithm = 'rsa-2048' | 'ecdsa-p256';

/** The two halves as the library takes them, and the private one as it is stored. */
export interface SigningKeys {
  readonly algorithm: KeyAlgorithm;
  readonly publicKey: webcrypto.CryptoKey;
  readonly privateKey: webcrypto.CryptoKey;
  readonly privateKeyPem: string;
}

/** What the signatures are made with: PKCS #1 v1.5 and SHA-256, or ECDSA and SHA-256. */
export const SIGNING_ALGORITHM: Readonly<
  Record<
    KeyAlgorithm,
    { readonly name: 'RSASSA-PKCS1-v1_5' | 'ECDSA'; readonly hash: 'SHA-256'; readonly namedCurve?: 'P-256' }
  >
> = {
  'rsa-2048': { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  'ecdsa-p256': { name: 'ECDSA', hash: 'SHA-256', namedCurve: 'P-256' },
};

const generate = promisify(generateKeyPair);

function toText(pem: string | Buffer): string {
  return typeof pem === 'string' ? pem : pem.toString('latin1');
}

/** Makes a key on the thread pool: RSA takes a tenth of a second and more, and the event loop must not wait for it. */
export async function generateSigningKeys(algorithm: KeyAlgorithm): Promise<SigningKeys> {
  const { publicKey, privateKey } =
    algorithm === 'rsa-2048'
      ? await generate('rsa', { modulusLength: 2048 })
      : await generate('ec', { namedCurve: 'P-256' });
  const signing = SIGNING_ALGORITHM[algorithm];
  return {
    algorithm,
    publicKey: publicKey.toCryptoKey(signing, true, ['verify']),
    privateKey: privateKey.toCryptoKey(signing, false, ['sign']),
    // cert-controller reads a CA's key by x509.ParsePKCS1PrivateKey and nothing else (pkg/rotator/rotator.go).
    privateKeyPem: toText(privateKey.export({ type: algorithm === 'rsa-2048' ? 'pkcs1' : 'pkcs8', format: 'pem' })),
  };
}

/** A stored private key, ready to sign. Throws what `node:crypto` throws. */
export function readSigningKey(privateKeyPem: string): Pick<SigningKeys, 'algorithm' | 'privateKey'> {
  const key = createPrivateKey(privateKeyPem);
  if (!(key instanceof KeyObject)) throw new TypeError('not a private key');
  const curve = key.asymmetricKeyDetails?.namedCurve;
  const algorithm: KeyAlgorithm | undefined =
    key.asymmetricKeyType === 'rsa'
      ? 'rsa-2048'
      : key.asymmetricKeyType === 'ec' && curve === 'prime256v1'
        ? 'ecdsa-p256'
        : undefined;
  if (algorithm === undefined) {
    throw new TypeError(
      `a ${key.asymmetricKeyType ?? 'secret'} key ${curve ?? ''} cannot sign here: RSA or ECDSA P-256`,
    );
  }
  return { algorithm, privateKey: key.toCryptoKey(SIGNING_ALGORITHM[algorithm], false, ['sign']) };
}
