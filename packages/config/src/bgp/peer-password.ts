import { goQuote } from '@steelyard/ipam';
import { isObject, objectOr, textOr, type UntrustedObject } from '../objects/untrusted.ts';
import type { Finding, ObjectReference } from '../problem/problem.ts';
import { SecretText } from './secret-text.ts';

/** Secrets by name; `undefined` where they were not read. */
export type Secrets = ReadonlyMap<string, UntrustedObject> | undefined;

/** The password of a peer, and where it is. */
export interface PeerPassword {
  readonly password?: SecretText | undefined;
  readonly passwordSecretName?: string | undefined;
}

const BASIC_AUTH = 'kubernetes.io/basic-auth';
/** TCP_MD5SIG_MAXKEYLEN: the longest key that Linux takes for TCP MD5. */
const MAX_KEY_OCTETS = 80;

/** Puts Secrets in order by name. */
export function indexSecrets(secrets: readonly unknown[] | undefined): Secrets {
  return (
    secrets && new Map(secrets.filter(isObject).map((secret) => [textOr(objectOr(secret['metadata'])['name']), secret]))
  );
}

/**
 * Reads `password` or the Secret of `passwordSecret`. No finding carries what is in either.
 *
 * @param before - The password until now: the same one stays the same value.
 * @see MetalLB `internal/config/config.go`, `passwordFromSecretForPeer`
 */
export function readPeerPassword(
  peer: ObjectReference,
  spec: UntrustedObject,
  secrets: Secrets,
  before: PeerPassword | undefined,
  report: (finding: Finding) => void,
): PeerPassword {
  const previous = before?.password;
  const written = textOr(spec['password']);
  const name = textOr(objectOr(spec['passwordSecret'])['name']);
  const prefix = `parsing peer ${peer.name} `;
  const shown = `${goQuote(peer.namespace)}/${goQuote(peer.name)}`;
  if (name === '') {
    return written === '' ? {} : { password: secretOf(new TextEncoder().encode(written), 'spec.password') };
  }
  const finding = { field: 'spec.passwordSecret', value: name };
  if (written !== '') {
    report({
      ...finding,
      code: 'ERR_CONFIG_EXCLUSIVE',
      message: `${prefix}can not have both password and secret ref set in peer config ${shown}`,
      remedy: 'remove password',
    });
    return { passwordSecretName: name };
  }
  if (secrets === undefined) {
    return { passwordSecretName: name, password: before?.passwordSecretName === name ? previous : undefined };
  }
  const refuse = (
    code: 'ERR_CONFIG_UNKNOWN_REFERENCE' | 'ERR_CONFIG_INVALID_SECRET',
    words: string,
    remedy: string,
  ) => {
    const message = `${prefix}${words}: failed to parse peer ${peer.name} password secret`;
    report({ ...finding, code, message, remedy, ...(code === 'ERR_CONFIG_UNKNOWN_REFERENCE' && { transient: true }) });
    return { passwordSecretName: name };
  };
  const secret = secrets.get(name);
  if (secret === undefined) {
    return refuse(
      'ERR_CONFIG_UNKNOWN_REFERENCE',
      `secret ref not found for peer config ${shown}`,
      `create the Secret ${name}, of type ${BASIC_AUTH} and with the key password`,
    );
  }
  const namespace = textOr(objectOr(secret['metadata'])['namespace'], peer.namespace);
  const which = `${goQuote(namespace)}/${goQuote(name)}`;
  if (secret['type'] !== BASIC_AUTH) {
    return refuse(
      'ERR_CONFIG_INVALID_SECRET',
      `secret type mismatch on ${which}, type "${BASIC_AUTH}" is expected `,
      `create the Secret anew with type ${BASIC_AUTH}: the type of a Secret cannot be changed`,
    );
  }
  const octets = decodeBase64(objectOr(secret['data'])['password']);
  if (octets === undefined) {
    return refuse(
      'ERR_CONFIG_INVALID_SECRET',
      `password not specified in the secret ${which}`,
      'put the password under the key password',
    );
  }
  return { password: secretOf(octets, 'spec.passwordSecret'), passwordSecretName: name };

  function secretOf(value: Uint8Array, field: string): SecretText {
    if (value.length > MAX_KEY_OCTETS) {
      report({
        severity: 'warning',
        field,
        value: null,
        code: 'ERR_CONFIG_INVALID_VALUE',
        message: `${prefix}the password has ${value.length} octets, and TCP MD5 has room for ${MAX_KEY_OCTETS}`,
        remedy: 'agree on a shorter password with the peer',
      });
    }
    const secretText = new SecretText(value, (previous?.revision ?? 0) + 1);
    return previous?.equals(secretText) === true ? previous : secretText;
  }
}

/** The octets of `data` in a Secret, or `undefined` if it is no base64. */
function decodeBase64(text: unknown): Uint8Array | undefined {
  if (typeof text !== 'string') {
    return undefined;
  }
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
