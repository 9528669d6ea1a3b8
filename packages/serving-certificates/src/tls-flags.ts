import { createSecureContext, getCiphers, type SecureContextOptions, type SecureVersion } from 'node:tls';
import { OPENSSL_CIPHERS, OPENSSL_GROUPS, TLS13_CIPHER_SUITES } from './tls-cipher-suites.ts';

/** `--tls-min-version`, `--tls-cipher-suites`, `--tls-curve-preferences`, as given; empty where they are not. */
export interface TlsFlags {
  readonly minVersion: string;
  readonly cipherSuites: string;
  readonly curvePreferences: string;
}

/** What `node:tls` and `node:https` servers are to be opened with. */
export interface TlsSettings extends Pick<SecureContextOptions, 'ciphers' | 'ecdhCurve'> {
  readonly minVersion: SecureVersion;
}

export type ReadTlsFlags =
  | { readonly ok: true; readonly value: TlsSettings }
  | { readonly ok: false; readonly message: string };

const MIN_VERSIONS: ReadonlyMap<string, SecureVersion> = new Map([
  ['', 'TLSv1.3'],
  ['VersionTLS12', 'TLSv1.2'],
  ['VersionTLS13', 'TLSv1.3'],
]);
const MAX_CURVE_ID = 0xffff;
const MAX_SHOWN_LENGTH = 100;

class Refusal extends Error {}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, MAX_SHOWN_LENGTH));
}

function readMinVersion(text: string): SecureVersion {
  const version = MIN_VERSIONS.get(text);
  if (version === undefined)
    throw new Refusal(`parsing tls-min-version: unknown tls version ${quoted(text)}: VersionTLS12 or VersionTLS13`);
  return version;
}

/** The list for OpenSSL; node takes TLS 1.3's suites from the same list and would switch TLS 1.3 off without any. */
function readCipherSuites(text: string): string | undefined {
  if (text === '') return undefined;
  const available = new Set(getCiphers());
  const ciphers: string[] = [];
  for (const name of text.split(',').map((part) => part.trim())) {
    if (TLS13_CIPHER_SUITES.includes(name)) continue;
    const cipher = OPENSSL_CIPHERS.get(name);
    if (cipher === undefined)
      throw new Refusal(`parsing tls-cipher-suites: Cipher suite ${quoted(name)} not supported or doesn't exist`);
    if (!available.has(cipher.toLowerCase()))
      throw new Refusal(`parsing tls-cipher-suites: Cipher suite ${name} is too weak: this OpenSSL has it no longer`);
    ciphers.push(cipher);
  }
  return [...new Set(ciphers), ...TLS13_CIPHER_SUITES].join(':');
}

function readCurvePreferences(text: string): string | undefined {
  if (text === '') return undefined;
  const groups = new Set<string>();
  for (const part of text.split(',').map((piece) => piece.trim())) {
    const fail = (why: string): Refusal => new Refusal(`parsing tls-curve-preferences: ${why}`);
    if (!/^\d{1,10}$/.test(part) || Number(part) > MAX_CURVE_ID)
      throw fail(`invalid curve preference ${quoted(part)}: must be a numeric CurveID (0-${MAX_CURVE_ID})`);
    const id = Number(part);
    if (id === 0) throw fail(`curve preference 0 is out of range (must be 1-${MAX_CURVE_ID})`);
    const group = OPENSSL_GROUPS.get(id);
    if (group === undefined)
      throw fail(`curve preference ${id} is not supported: ${[...OPENSSL_GROUPS.keys()].join(', ')}`);
    if (groups.has(group)) throw fail(`duplicate curve preference ${id}`);
    groups.add(group);
  }
  return [...groups].join(':');
}

/**
 * Reads MetalLB's three TLS flags (internal/tlsconfig/tlsopt.go): TLS 1.3 unless told otherwise; cipher suites by Go's names,
 * for TLS 1.2 only and an error with 1.3; curves by number. The value can be spread into `https.createServer`.
 */
export function readTlsFlags(flags: TlsFlags): ReadTlsFlags {
  try {
    const ciphers = readCipherSuites(flags.cipherSuites);
    const ecdhCurve = readCurvePreferences(flags.curvePreferences);
    const minVersion = readMinVersion(flags.minVersion);
    if (ciphers !== undefined && minVersion === 'TLSv1.3')
      throw new Refusal('cipher suites cannot be configured with TLS 1.3');
    const value: TlsSettings = {
      minVersion,
      ...(ciphers === undefined ? {} : { ciphers }),
      ...(ecdhCurve === undefined ? {} : { ecdhCurve }),
    };
    if (ciphers !== undefined || ecdhCurve !== undefined) createSecureContext(value); // OpenSSL has the last word
    return { ok: true, value };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}
