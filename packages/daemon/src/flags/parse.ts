import type { DurationFlag, FlagDefinition, FlagDefinitions, FlagValues } from './definition.ts';
import { formatGoDuration, type GoValue, parseGoBool, parseGoDuration, parseGoInt } from './go-values.ts';
import { nearestWord } from './nearest.ts';

/** Why a command line was refused. */
export type FlagFailureCode =
  | 'ERR_DAEMON_FLAG_UNKNOWN'
  | 'ERR_DAEMON_FLAG_SYNTAX'
  | 'ERR_DAEMON_FLAG_VALUE'
  /** Go's `flag` takes it: it is the program that knows better. */
  | 'ERR_DAEMON_FLAG_NOT_ALLOWED'
  | 'ERR_DAEMON_FLAG_MISSING';

/** A flag that was set although nothing reads it yet. */
export interface UnreadFlag {
  readonly flag: string;
  readonly feature: string;
}

/** The outcome of reading a command line. */
export type ParsedFlags<Definitions extends FlagDefinitions> =
  | {
      readonly outcome: 'values';
      readonly values: FlagValues<Definitions>;
      /** What follows the flags. Go stops at the first word that is no flag: `-x false` with a boolean x ends the flags. */
      readonly positionals: readonly string[];
      readonly notYet: readonly UnreadFlag[];
    }
  | { readonly outcome: 'help' }
  | { readonly outcome: 'refused'; readonly failure: { readonly code: FlagFailureCode; readonly message: string } };

type Refused = Extract<ParsedFlags<FlagDefinitions>, { outcome: 'refused' }>;

function refused(code: FlagFailureCode, message: string): Refused {
  return { outcome: 'refused', failure: { code, message } };
}

type FlagValue = string | number | boolean;

function zeroValue(definition: FlagDefinition): FlagValue {
  if (definition.default !== undefined) return definition.default;
  if (definition.type === 'string') return '';
  return definition.type === 'bool' ? false : 0;
}

type ReadValue =
  | { readonly ok: true; readonly value: FlagValue }
  | { readonly ok: false; readonly why: string; readonly code: FlagFailureCode };

function notAllowed(why: string): ReadValue {
  return { ok: false, why, code: 'ERR_DAEMON_FLAG_NOT_ALLOWED' };
}

function orUnreadable(read: GoValue<FlagValue>): ReadValue {
  return read.ok ? read : { ...read, code: 'ERR_DAEMON_FLAG_VALUE' };
}

function withinBounds(
  read: GoValue<number>,
  { min, max }: { readonly min?: number; readonly max?: number },
  format: (bound: number) => string,
): ReadValue {
  if (read.ok && min !== undefined && read.value < min) return notAllowed(`must be at least ${format(min)}`);
  if (read.ok && max !== undefined && read.value > max) return notAllowed(`must be at most ${format(max)}`);
  return orUnreadable(read);
}

function readValue(definition: FlagDefinition, text: string): ReadValue {
  switch (definition.type) {
    case 'string':
      return definition.oneOf === undefined || definition.oneOf.includes(text)
        ? { ok: true, value: text }
        : notAllowed(`must be one of ${definition.oneOf.join(', ')}`);
    case 'bool':
      return orUnreadable(parseGoBool(text));
    case 'int':
      return withinBounds(parseGoInt(text), definition, String);
    case 'duration':
      return withinBounds(parseDuration(definition, text), definition, formatGoDuration);
  }
}

const MS_PER_SECOND = 1_000;

function parseDuration({ bareNumber }: DurationFlag, text: string): GoValue<number> {
  const seconds = bareNumber === 'seconds' ? parseGoInt(text) : undefined;
  return seconds?.ok ? { ok: true, value: seconds.value * MS_PER_SECOND } : parseGoDuration(text);
}

interface GivenFlag {
  readonly name: string;
  /** As written after `=`; undefined for a bare `-x`. */
  readonly attached: string | undefined;
}

/** One or two dashes, a name, perhaps `=value`: the rules of Go's `flag.FlagSet.parseOne`. */
function splitArgument(argument: string): GivenFlag | undefined {
  const body = argument.startsWith('--') ? argument.slice(2) : argument.slice(1);
  if (body === '' || body.startsWith('-') || body.startsWith('=')) return undefined;
  const equals = body.indexOf('=');
  return equals < 0
    ? { name: body, attached: undefined }
    : { name: body.slice(0, equals), attached: body.slice(equals + 1) };
}

function unknownFlag(name: string, definitions: FlagDefinitions): Refused {
  const nearest = nearestWord(name, Object.keys(definitions));
  const suggestion = nearest === undefined ? '' : `; did you mean -${nearest}?`;
  return refused('ERR_DAEMON_FLAG_UNKNOWN', `flag provided but not defined: -${name}${suggestion}`);
}

/**
 * Reads a command line by the rules and in the words of Go's `flag` package, so that MetalLB's manifests keep working:
 * one dash or two, `-x=y` and `-x y`, bare booleans, `--` ends the flags, the last of two wins.
 * The environment stands in for a flag that is not given.
 */
export function parseGoFlags<const Definitions extends FlagDefinitions>(
  definitions: Definitions,
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ParsedFlags<Definitions> {
  const values = new Map<string, FlagValue>();
  let next = 0;
  while (next < argv.length) {
    const argument = argv[next] ?? '';
    if (argument.length < 2 || !argument.startsWith('-')) break;
    next++;
    if (argument === '--') break;
    const given = splitArgument(argument);
    if (given === undefined) return refused('ERR_DAEMON_FLAG_SYNTAX', `bad flag syntax: ${argument}`);
    const { name } = given;
    const definition = Object.hasOwn(definitions, name) ? definitions[name] : undefined;
    if (definition === undefined) {
      return name === 'h' || name === 'help' ? { outcome: 'help' } : unknownFlag(name, definitions);
    }
    let text = given.attached;
    if (text === undefined && definition.type === 'bool') text = 'true';
    if (text === undefined) {
      text = argv[next++];
      if (text === undefined) return refused('ERR_DAEMON_FLAG_VALUE', `flag needs an argument: -${name}`);
    }
    const value = readValue(definition, text);
    if (!value.ok) {
      const what = definition.type === 'bool' ? 'boolean value' : 'value';
      const where = definition.type === 'bool' ? `-${name}` : `flag -${name}`;
      return refused(value.code, `invalid ${what} ${JSON.stringify(text)} for ${where}: ${value.why}`);
    }
    values.set(name, value.value);
  }
  return complete(definitions, values, argv.slice(next), env);
}

function complete<Definitions extends FlagDefinitions>(
  definitions: Definitions,
  given: Map<string, FlagValue>,
  positionals: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ParsedFlags<Definitions> {
  const values: Record<string, FlagValue> = {};
  const notYet: UnreadFlag[] = [];
  for (const [name, definition] of Object.entries(definitions)) {
    let value = given.get(name);
    const fromEnv = definition.env === undefined ? undefined : env[definition.env];
    if (value === undefined && fromEnv !== undefined && fromEnv !== '') {
      const read = readValue(definition, fromEnv);
      if (!read.ok) {
        return refused(
          read.code,
          `invalid value ${JSON.stringify(fromEnv)} in ${definition.env} for flag -${name}: ${read.why}`,
        );
      }
      value = read.value;
    }
    if (definition.type === 'string' && definition.required === true && (value === undefined || value === '')) {
      const orEnv = definition.env === undefined ? '' : ` or ${definition.env}`;
      return refused('ERR_DAEMON_FLAG_MISSING', `-${name}${orEnv} must be set`);
    }
    if (value !== undefined && definition.notYet !== undefined) notYet.push({ flag: name, feature: definition.notYet });
    values[name] = value ?? zeroValue(definition);
  }
  // Each key was just read by the definition of the same name.
  return { outcome: 'values', values: values as FlagValues<Definitions>, positionals, notYet };
}
