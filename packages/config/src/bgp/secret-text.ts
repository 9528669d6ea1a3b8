/** What stands where a secret is asked for. */
const HIDDEN = '<hidden>';

/**
 * A password that shows itself to nobody who does not ask for it: not in JSON, not in a template, not in an inspected
 * object, not in a comparison of properties.
 */
export class SecretText {
  readonly #octets: Uint8Array;
  /** Another number is another secret: what can be compared and logged. */
  readonly revision: number;

  constructor(octets: Uint8Array, revision = 1) {
    this.#octets = octets;
    this.revision = revision;
  }

  /** The octets of the password. */
  reveal(): Uint8Array {
    return this.#octets.slice();
  }

  /** How many octets it has. */
  get octets(): number {
    return this.#octets.length;
  }

  /** Looks at every octet, whatever it finds: how long it takes tells nothing but the length. */
  equals(other: SecretText | undefined): boolean {
    if (other === undefined || other.#octets.length !== this.#octets.length) {
      return false;
    }
    const difference = this.#octets.reduce((found, octet, i) => found | (octet ^ (other.#octets[i] ?? 0)), 0);
    return difference === 0;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }
}
