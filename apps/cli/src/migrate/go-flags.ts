/** The flags of MetalLB's `configmaptocrs`, which Go lets stand after one hyphen. */
const GO_FLAG = /^-(source|only-data|stdout)(?:=(.*))?$/;
const GO_TRUE: ReadonlySet<string> = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);
const GO_FALSE: ReadonlySet<string> = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False']);

/** Arguments with two hyphens before the flags of `configmaptocrs`; `-stdout=true` is `--stdout`. */
export function withDoubleHyphens(args: readonly string[]): string[] {
  const end = args.indexOf('--');
  const flags = end === -1 ? args : args.slice(0, end);
  return [...flags.flatMap(withDoubleHyphen), ...args.slice(flags.length)];
}

function withDoubleHyphen(arg: string): string[] {
  const match = GO_FLAG.exec(arg.startsWith('--') ? arg.slice(1) : arg);
  if (match === null) {
    return [arg];
  }
  const [, name = '', value] = match;
  if (value === undefined || name === 'source') {
    return [`--${name}${value === undefined ? '' : `=${value}`}`];
  }
  return GO_TRUE.has(value) ? [`--${name}`] : GO_FALSE.has(value) ? [] : [`--${name}=${value}`];
}
