/**
 * The keys of a gossip. The first one encrypts, each of them decrypts. A keyring never changes: what installs, uses or
 * removes a key gives another one.
 *
 * @see hashicorp/memberlist `keyring.go`
 */
export interface Keyring {
  readonly keys: readonly Uint8Array[];
}

/** AES-128, AES-192, AES-256. */
const KEY_LENGTHS: readonly number[] = [16, 24, 32];

/**
 * Makes a keyring.
 *
 * @param keys - The first one encrypts. None: nothing is encrypted. Copied; one that comes twice counts once.
 * @throws TypeError for a key that has not 16, 24 or 32 octets.
 */
export function createKeyring(keys: readonly Uint8Array[]): Keyring {
  return keys.reduce(installKey, { keys: [] });
}

/** Adds a key that decrypts. The first one of all encrypts, too. */
export function installKey(keyring: Keyring, key: Uint8Array): Keyring {
  if (!KEY_LENGTHS.includes(key.length)) {
    throw new TypeError(`a key has 16, 24 or 32 octets, not ${key.length}`);
  }
  return has(keyring, key) ? keyring : { keys: [...keyring.keys, new Uint8Array(key)] };
}

/**
 * Makes an installed key the one that encrypts. Its peers must have it installed by then.
 *
 * @throws RangeError for a key that is not installed.
 */
export function useKey(keyring: Keyring, key: Uint8Array): Keyring {
  if (!has(keyring, key)) throw new RangeError('the key to use is not in the keyring');
  return { keys: [new Uint8Array(key), ...keyring.keys.filter((other) => !equal(other, key))] };
}

/**
 * Takes a key away; one that is not there is no error.
 *
 * @throws RangeError for the key that encrypts: another one must be in use first.
 */
export function removeKey(keyring: Keyring, key: Uint8Array): Keyring {
  const [primary] = keyring.keys;
  if (primary !== undefined && equal(primary, key)) {
    throw new RangeError('the key that encrypts cannot be removed');
  }
  return { keys: keyring.keys.filter((other) => !equal(other, key)) };
}

function has(keyring: Keyring, key: Uint8Array): boolean {
  return keyring.keys.some((other) => equal(other, key));
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, index) => octet === b[index]);
}
