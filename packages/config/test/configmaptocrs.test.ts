import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formatMigration, type MigrationProblem, migrateLegacyConfigMap } from '../src/index.ts';

/** An input, and what MetalLB v0.16.1's own converter made of it: see fixtures/configmaptocrs.mjs. */
interface Answer {
  readonly name: string;
  readonly onlyData: boolean;
  readonly input: string;
  readonly output?: string;
  readonly error?: string;
}

/** Where MetalLB's converter writes something and ours refuses, because it would be lost or could not be applied. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ['a key in capitals and not', 'already set in map'],
  ['a key that is written twice', 'already set in map'],
  ['a section that is written twice', 'already set in map'],
  ['the data key twice', 'already set in map'],
  ['two documents', 'more than one document'],
  ['two ConfigMaps', 'more than one document'],
  ['a range of two families', 'invalid IP range "192.0.2.9-2001:db8::1"'],
  ['a name that is a large number', 'becomes the name "e+30", which Kubernetes refuses'],
  ['a name with a space', 'becomes the name "a b"'],
  ['a name that ends in a hyphen', 'becomes the name "pool-"'],
  ['a name of underscores', 'becomes the name "pool--"'],
  ['a name of 70 with capitals', 'becomes the name "ab-b'],
  ['a name with a colon', 'becomes the name "a: b"'],
  ['a name like a sexagesimal', 'becomes the name "a12:34"'],
  ['a namespace that is no name', '"A: b" is no namespace'],
  ['port 65535', '16384'],
  ['keepalive-time -1s', 'keepaliveTime'],
  ['two localprefs', 'invalid local preference'],
  ['l2 with bgp-advertisements', 'invalid local preference'],
]);

/** Where MetalLB's converter writes another text than the one that it read. */
const CORRUPTED: ReadonlySet<string> = new Set(['password "a\\u0085b"', 'password "a\\u2028b"']);

const answers = readFileSync(new URL('fixtures/configmaptocrs.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line): Answer => JSON.parse(line));
const migrate = ({ onlyData, input }: Answer) =>
  migrateLegacyConfigMap({ kind: onlyData ? 'dataText' : 'configMapText', text: input });
const errorsOf = (problems: readonly MigrationProblem[]): MigrationProblem[] =>
  problems.filter(({ severity }) => severity === 'error');
const named = (chosen: (answer: Answer) => boolean): [string, Answer][] =>
  answers.filter(chosen).map((answer) => [answer.name, answer]);

describe('what configmaptocrs writes is written, octet for octet', () => {
  test.for(named(({ name, output }) => output !== undefined && !REFUSED.has(name) && !CORRUPTED.has(name)))(
    '%s',
    ([, answer]) => {
      const { objects, problems } = migrate(answer);
      expect(errorsOf(problems)).toEqual([]);
      expect(formatMigration(objects)).toBe(answer.output);
    },
  );
});

describe('what configmaptocrs refuses is refused, and each error says what to do', () => {
  test.for(named(({ error }) => error !== undefined))('%s', ([, answer]) => {
    const { objects, problems } = migrate(answer);
    expect(objects).toEqual([]);
    expect(errorsOf(problems)).not.toEqual([]);
    expect(errorsOf(problems).filter(({ remedy }) => remedy === '')).toEqual([]);
  });
});

describe('what configmaptocrs would lose, or write so that it cannot be applied, is refused', () => {
  test.for([...REFUSED])('%s: %s', ([name, message]) => {
    const answer = answers.find((each) => each.name === name);
    expect(answer?.output).toBeDefined();
    const { objects, problems } = migrate(answer as Answer);
    expect(objects).toEqual([]);
    expect(
      errorsOf(problems)
        .map((problem) => problem.message)
        .join('\n'),
    ).toContain(message);
  });
});

test.for([...CORRUPTED])('%s stays what it is', (name) => {
  const answer = answers.find((each) => each.name === name) as Answer;
  const { objects } = migrate(answer);
  expect(formatMigration(objects)).not.toBe(answer.output);
  expect(objects[0]).toMatchObject({ spec: { password: JSON.parse(name.replace('password ', '')) } });
});
