import { waitUntil } from '@steelyard/testkit';
import pc from 'picocolors';

/** Who types a command: the name before the prompt. */
export type Who = 'admin' | 'laptop' | 'router' | `ubuntu-dev${number}`;

/** A step that could not be verified: what was expected, and what was there instead. */
export class StepFailed extends Error {}

/** Tells the story on the terminal, and counts what was verified. */
export interface Narrator {
  readonly verified: number;
  /** A part of the story. */
  part(title: string): void;
  /** A step within a part. */
  step(text: string): void;
  /** What goes on behind the scenes. */
  aside(text: string): void;
  /** A command as somebody types it. What it reads is shown as a here-document. */
  command(who: Who, line: string, input?: string): void;
  /** What the command printed, as it is. */
  output(text: string): void;
  /**
   * Waits until `check` holds, and says so.
   *
   * @param claim - A sentence, in the present tense.
   * @param check - As with {@link waitUntil}; what it throws says why the claim does not hold.
   * @param print - What a command printed, to be shown before the claim.
   * @throws {@link StepFailed}
   */
  verify<T>(
    claim: string,
    check: () => T | Promise<T>,
    print?: (found: NonNullable<Exclude<T, false>>) => string,
  ): Promise<NonNullable<Exclude<T, false>>>;
}

/** Each step has this long to come true. */
const STEP_TIMEOUT_MS = 15_000;

/** @param write - Where the story goes. */
export function createNarrator(write: (text: string) => void): Narrator {
  let verified = 0;
  const indented = (text: string): string =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => `  ${line}\n`)
      .join('');
  const output = (text: string): void => {
    if (text.trim() !== '') write(indented(text));
  };
  return {
    get verified() {
      return verified;
    },
    part(title) {
      write(`\n${pc.bold(pc.cyan(`━━ ${title} ${'━'.repeat(Math.max(2, 70 - title.length))}`))}\n`);
    },
    step(text) {
      write(`\n${text}\n\n`);
    },
    aside(text) {
      write(`${pc.dim(text)}\n`);
    },
    command(who, line, input) {
      const shown = input === undefined ? line : `${line} <<EOF\n${input.trimEnd()}\nEOF`;
      write(`  ${pc.dim(`${who} $`)} ${pc.bold(shown.replaceAll('\n', '\n  '))}\n`);
    },
    output,
    async verify(claim, check, print) {
      try {
        const found = await waitUntil(claim, check, { timeoutMs: STEP_TIMEOUT_MS, intervalMs: 50 });
        if (print !== undefined) output(print(found));
        verified += 1;
        write(`  ${pc.green('✓')} ${pc.green(claim)}\n`);
        return found;
      } catch (error) {
        const { cause } = error as Error;
        const instead = cause instanceof Error ? ` (${cause.message})` : '';
        throw new StepFailed(`${claim}: not so within ${STEP_TIMEOUT_MS / 1000} s${instead}`, { cause: error });
      }
    },
  };
}
