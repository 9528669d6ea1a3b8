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

  equals(other: SecretText | undefined): boolean {
    return (
      other !== undefined &&
      other.#octets.length === this.#octets.length &&
      this.#octets.every((octet, i) => octet === other.#octets[i])
    );
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }
}
