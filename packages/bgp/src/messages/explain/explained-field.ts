/** One field of a message, for people. */
export interface ExplainedField {
  /** From the first octet of the message. */
  readonly offset: number;
  /** Octets, with those of the fields inside of it. 0 where a field is missing. */
  readonly length: number;
  /** 0 for the message's own fields, one more for what is inside of the field before. */
  readonly depth: number;
  /** In the words of the RFC: `My Autonomous System`. */
  readonly name: string;
  /** What it says, on one line. */
  readonly value: string;
  /** What is wrong with it. */
  readonly failure?: string | undefined;
}
