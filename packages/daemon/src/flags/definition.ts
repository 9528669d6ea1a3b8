interface FlagDefinitionBase {
  /** Shown by `-h`. A word in `back quotes` names the value, as in Go. */
  readonly help: string;
  /** An environment variable that stands in when the flag is not given; empty counts as unset, as with Go's `os.Getenv`. */
  readonly env?: string;
  /** The feature that will read this flag. Until then it is accepted, and said at the start to be without effect. */
  readonly notYet?: string;
}

/** Any text, or one of a few words. */
export interface StringFlag extends FlagDefinitionBase {
  readonly type: 'string';
  readonly default?: string;
  readonly oneOf?: readonly string[];
  /** Neither flag nor environment variable set: refused. */
  readonly required?: boolean;
}

/** A flag which needs no value: `-x` is true, `-x=false` is false. */
export interface BoolFlag extends FlagDefinitionBase {
  readonly type: 'bool';
  readonly default?: boolean;
}

/** A whole number within bounds. */
export interface IntFlag extends FlagDefinitionBase {
  readonly type: 'int';
  readonly default?: number;
  readonly min?: number;
  readonly max?: number;
}

/** A Go duration ("1m30s"); its value and its default are milliseconds. */
export interface DurationFlag extends FlagDefinitionBase {
  readonly type: 'duration';
  readonly default?: number;
  readonly min?: number;
  readonly max?: number;
  /** What a whole number without a unit counts, which Go refuses: for flags that were integers once, or are elsewhere. */
  readonly bareNumber?: 'seconds';
}

export type FlagDefinition = StringFlag | BoolFlag | IntFlag | DurationFlag;

/** The flags of a program by name, without dashes. */
export type FlagDefinitions = Readonly<Record<string, FlagDefinition>>;

/** What a program gets: a value for each flag, of the type its definition says. */
export type FlagValues<Definitions extends FlagDefinitions> = {
  readonly [Name in keyof Definitions]: Definitions[Name] extends StringFlag
    ? Definitions[Name] extends { readonly oneOf: readonly (infer Word)[] }
      ? Word
      : string
    : Definitions[Name] extends BoolFlag
      ? boolean
      : number;
};
