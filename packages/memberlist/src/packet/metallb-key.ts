/**
 * The key that MetalLB's speakers make of their secret: the secret's own octets, filled up with the SHA-256 of nothing.
 *
 * MetalLB calls `Sum(secret)` on a hash that was fed nothing, and Go's `Sum` puts the digest behind its argument. So the
 * secret is not hashed, and of one with 32 octets or more nothing else is left.
 *
 * @param secret - The file as it is, a line feed at its end included.
 * @param sha256 - SHA-256 (FIPS 180-4).
 * @param octets - 32; up to MetalLB 0.13 it was 16.
 * @throws RangeError for an empty secret, by which MetalLB means that nothing is encrypted.
 * @see metallb/metallb `internal/speakerlist/speakerlist.go`
 */
export function deriveMetalLbKey(
  secret: Uint8Array,
  sha256: (octets: Uint8Array) => Uint8Array,
  octets: 16 | 32 = 32,
): Uint8Array {
  if (secret.length === 0) {
    throw new RangeError('an empty secret makes no key: without one, nothing is encrypted');
  }
  const key = new Uint8Array(octets);
  key.set(secret.subarray(0, octets));
  if (secret.length < octets) {
    key.set(sha256(new Uint8Array(0)).subarray(0, octets - secret.length), secret.length);
  }
  return key;
}
