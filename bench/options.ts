import { parseArgs } from 'node:util';

/**
 * Reads options like `--samples=50`: whole numbers, each with the value that holds where it is not given.
 *
 * @throws RangeError for what is no such number, TypeError for an option that is not known.
 */
export function readNumbers<const Defaults extends Readonly<Record<string, number>>>(
  args: readonly string[],
  defaults: Defaults,
): { readonly [Name in keyof Defaults]: number } {
  const options = Object.fromEntries(Object.keys(defaults).map((name) => [name, { type: 'string' } as const]));
  const { values } = parseArgs({ args: [...args], options });
  const read = ([name, fallback]: [string, number]): [string, number] => {
    const text = values[name];
    const number = text === undefined ? fallback : Number(text);
    if (!Number.isInteger(number) || number < 1)
      throw new RangeError(`--${name} is a whole number from 1, not ${JSON.stringify(text)}`);
    return [name, number];
  };
  return Object.fromEntries(Object.entries(defaults).map(read)) as { [Name in keyof Defaults]: number };
}
