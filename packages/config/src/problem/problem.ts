/** Every kind of problem that this package reports. The README lists them. */
export type ConfigProblemCode =
  | 'ERR_CONFIG_UNREADABLE'
  | 'ERR_CONFIG_UNKNOWN_KEY'
  | 'ERR_CONFIG_WRONG_TYPE'
  | 'ERR_CONFIG_MISSING_NAME'
  | 'ERR_CONFIG_NO_ADDRESSES'
  | 'ERR_CONFIG_INVALID_RANGE'
  | 'ERR_CONFIG_OVERLAP'
  | 'ERR_CONFIG_DUPLICATE_POOL'
  | 'ERR_CONFIG_DUPLICATE_DEFINITION'
  | 'ERR_CONFIG_INVALID_SELECTOR'
  | 'ERR_CONFIG_UNKNOWN_PROTOCOL'
  | 'ERR_CONFIG_UNKNOWN_POOL'
  | 'ERR_CONFIG_INVALID_VALUE'
  | 'ERR_CONFIG_EXCLUSIVE'
  | 'ERR_CONFIG_INVALID_COMMUNITY'
  | 'ERR_CONFIG_UNKNOWN_REFERENCE'
  | 'ERR_CONFIG_INVALID_SECRET'
  | 'ERR_CONFIG_CONFLICT'
  | 'ERR_CONFIG_IMPLEMENTATION'
  | 'ERR_CONFIG_NOT_SERVED'
  | 'ERR_CONFIG_LEGACY_IGNORED';

/** The object that a problem is about, or on which its Event is posted. */
export interface ObjectReference {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** A process of MetalLB, by what it reads: the controller pools, communities and Namespaces, a speaker everything. */
export type ConfigurationScope = 'controller' | 'speaker';

/** One thing that is wrong with the configuration, or that its author should know. */
export interface Problem {
  /** An `error` takes the part it names out of force (see `Pool.frozen`); a `warning` changes nothing. */
  readonly severity: 'error' | 'warning';
  readonly object: ObjectReference;
  /** The part of the object: `spec.addresses[2]`, in the old ConfigMap `address-pools[0].addresses[2]`; empty for all of it. */
  readonly field: string;
  /** The value found there, as JSON, cut at 256 characters. */
  readonly value: string;
  readonly code: ConfigProblemCode;
  /** MetalLB's words, after the object and the field. */
  readonly message: string;
  /** What its author can do. */
  readonly remedy: string;
  /** The processes whose configuration it spoils: those that read the object. */
  readonly scopes: readonly ConfigurationScope[];
  /** It may come right without an edit of this object: what it refers to does not exist yet. MetalLB's webhooks pass over it. */
  readonly transient?: boolean;
  /** MetalLB, in the mode of `METALLB_BGP_TYPE`, would refuse the whole configuration for it. True of some warnings and not of every error. */
  readonly refusedByMetalLb: boolean;
}

/** What the finder of a problem says; the rest follows. */
export interface Finding {
  readonly severity?: 'error' | 'warning';
  readonly field: string;
  readonly value: unknown;
  readonly code: ConfigProblemCode;
  readonly message: string;
  readonly remedy: string;
  /** By default those that read the kind of the object. */
  readonly scopes?: readonly ConfigurationScope[];
  readonly transient?: boolean;
  /** By default as for an error that is one for MetalLB too. */
  readonly refusedByMetalLb?: boolean;
}

const BOTH: readonly ConfigurationScope[] = ['controller', 'speaker'];
const SPEAKER: readonly ConfigurationScope[] = ['speaker'];
/** What MetalLB's controller reads. */
const CONTROLLER_KINDS: ReadonlySet<string> = new Set(['IPAddressPool', 'Community', 'ConfigMap']);

/** The processes that read objects of a kind. */
function scopesOf(kind: string): readonly ConfigurationScope[] {
  return CONTROLLER_KINDS.has(kind) ? BOTH : SPEAKER;
}

/** As much of a value as a log line should carry. */
const MAX_VALUE_CHARACTERS = 256;

/** As long as a message with everything in it that Kubernetes allows. */
const MAX_TEXT_CHARACTERS = 4096;

/** Makes a finding about an object a problem. */
export function problemOf(object: ObjectReference, finding: Finding): Problem {
  const at = finding.field === '' ? '' : ` ${finding.field}`;
  const { severity = 'error' } = finding;
  return {
    scopes: scopesOf(object.kind),
    refusedByMetalLb: severity === 'error',
    ...finding,
    severity,
    object,
    value: shortJson(finding.value),
    message: shown(`${object.kind}/${object.name}${at}: ${finding.message}`),
    remedy: shown(finding.remedy),
  };
}

/** As many of one object as anybody reads. */
const MAX_PROBLEMS_OF_AN_OBJECT = 20;

/**
 * The first problems of each object, errors before warnings where there are too many, and how many more there are. An
 * object has room for a hundred thousand, each of which would be a log line and an Event.
 */
export function boundProblems(problems: readonly Problem[]): readonly Problem[] {
  if (problems.length <= MAX_PROBLEMS_OF_AN_OBJECT) {
    return problems;
  }
  const byObject = new Map<string, Problem[]>();
  for (const problem of problems) {
    const { kind, namespace, name } = problem.object;
    const key = JSON.stringify([kind, namespace, name]);
    const own = byObject.get(key);
    if (own === undefined) {
      byObject.set(key, [problem]);
    } else {
      own.push(problem);
    }
  }
  return [...byObject.values()].flatMap((own) => {
    const [first] = own;
    const omitted = own.length - MAX_PROBLEMS_OF_AN_OBJECT;
    if (first === undefined || omitted <= 0) {
      return own;
    }
    const errors = own.filter(({ severity }) => severity === 'error');
    const warnings = own.filter(({ severity }) => severity === 'warning');
    const rest = problemOf(first.object, {
      severity: 'warning',
      field: '',
      value: omitted,
      code: first.code,
      message: `${omitted} more problems`,
      remedy: 'mend those that are shown',
    });
    return [...[...errors, ...warnings].slice(0, MAX_PROBLEMS_OF_AN_OBJECT), rest];
  });
}

/** Fit for a line of a log and for a terminal: where MetalLB does not quote a text, it may hold anything. */
function shown(text: string): string {
  const cut = text.length > MAX_TEXT_CHARACTERS ? `${text.slice(0, MAX_TEXT_CHARACTERS)}…` : text;
  return cut.replace(/\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

function shortJson(value: unknown): string {
  let json: string;
  try {
    json = JSON.stringify(value ?? null);
  } catch {
    json = '"…"'; // a cycle or a bigint: nothing that came as JSON
  }
  return json.length > MAX_VALUE_CHARACTERS ? `${json.slice(0, MAX_VALUE_CHARACTERS)}…` : json;
}
