import { RE2JS } from 're2js';

/** A pattern as Go reads it, in time linear in the text. */
export interface GoRegexp {
  readonly pattern: string;
  /** Whether it occurs in the text, as Go's `Regexp.MatchString`; never in one of more than 4096 characters. */
  matches(text: string): boolean;
}

/** The outcome of `parseGoRegexp`. */
export type GoRegexpOutcome =
  | { readonly ok: true; readonly value: GoRegexp }
  | { readonly ok: false; readonly message: string };

/** Longer than any pattern that somebody wrote on purpose. Matching takes at most pattern times text. */
const MAX_PATTERN_CHARACTERS = 1024;
/** Longer than any name that is matched. */
const MAX_TEXT_CHARACTERS = 4096;
/** Programs that a repetition of repetitions blows up. */
const MAX_INSTRUCTIONS = 20_000;

/**
 * Reads a regular expression in the syntax of Go's `regexp` (RE2): no back-references, no lookaround, and no text that
 * makes it slow.
 *
 * @returns The pattern, or Go's words. Never throws.
 * @see {@link https://pkg.go.dev/regexp/syntax}
 */
export function parseGoRegexp(pattern: string): GoRegexpOutcome {
  if (pattern.length > MAX_PATTERN_CHARACTERS) {
    return { ok: false, message: `error parsing regexp: longer than ${MAX_PATTERN_CHARACTERS} characters` };
  }
  try {
    const compiled = RE2JS.compile(pattern);
    if (compiled.programSize() > MAX_INSTRUCTIONS) {
      return { ok: false, message: 'error parsing regexp: expression nests too deeply or is too large' };
    }
    const matches = (text: string): boolean => text.length <= MAX_TEXT_CHARACTERS && compiled.matcher(text).find();
    return { ok: true, value: { pattern, matches } };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : 'error parsing regexp' };
  }
}
