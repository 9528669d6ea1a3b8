/** What ends a command: it was called wrongly (exit code 2), or it could not do what it was asked to (1). */
export class CommandFailure extends Error {
  readonly exitCode: 1 | 2;

  constructor(exitCode: 1 | 2, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** A system's error in its own words, without the call that it came from. */
export function reasonOf(error: unknown): string {
  const { message } = error instanceof Error ? error : new Error(String(error));
  return message.replace(/^[A-Z0-9]+: /, '').replace(/, \w+( '.*')?$/, '');
}

/** A text for one line of a terminal: names and values from outside may hold what moves its cursor. */
export function oneLine(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\u2028\u2029]/gu,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}
