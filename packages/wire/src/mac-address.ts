/** Octets in a MAC address (IEEE 802, EUI-48). */
export const MAC_ADDRESS_LENGTH = 6;

const MAC_TEXT = /^[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}$/i;

/** Whether `text` is a MAC address: six pairs of hexadecimal digits, parted by `:` or `-`. */
export function isMacAddress(text: string): boolean {
  return MAC_TEXT.test(text);
}

/**
 * Reads a MAC address from text.
 *
 * @param text - Six pairs of hexadecimal digits, parted by `:` or `-`.
 * @returns Six octets.
 * @throws TypeError when `text` is not a MAC address.
 */
export function parseMacAddress(text: string): Uint8Array {
  if (!MAC_TEXT.test(text)) throw new TypeError(`not a MAC address: ${JSON.stringify(text)}`);
  const octets = new Uint8Array(MAC_ADDRESS_LENGTH);
  for (let i = 0; i < MAC_ADDRESS_LENGTH; i++) octets[i] = Number.parseInt(text.slice(3 * i, 3 * i + 2), 16);
  return octets;
}

/**
 * Writes a MAC address as Linux does: lower case, parted by colons.
 *
 * @param octets - Six octets; more may follow and are ignored.
 * @param offset - Where the address starts.
 * @throws RangeError when fewer than six octets are left.
 */
export function formatMacAddress(octets: Uint8Array, offset = 0): string {
  if (octets.length < offset + MAC_ADDRESS_LENGTH) {
    throw new RangeError(`a MAC address has ${MAC_ADDRESS_LENGTH} octets, got ${octets.length - offset}`);
  }
  let text = '';
  for (let i = 0; i < MAC_ADDRESS_LENGTH; i++) {
    text += `${i === 0 ? '' : ':'}${(octets[offset + i] ?? 0).toString(16).padStart(2, '0')}`;
  }
  return text;
}

/** Whether the address names a group, broadcast among them: IEEE 802, the I/G bit. */
export function isGroupMacAddress(octets: Uint8Array, offset = 0): boolean {
  return ((octets[offset] ?? 0) & 1) === 1;
}

/** Whether two MAC addresses are the same, without making text of them. */
export function equalMacAddresses(a: Uint8Array, b: Uint8Array, aOffset = 0, bOffset = 0): boolean {
  for (let i = 0; i < MAC_ADDRESS_LENGTH; i++) {
    if (a[aOffset + i] !== b[bOffset + i]) return false;
  }
  return true;
}
