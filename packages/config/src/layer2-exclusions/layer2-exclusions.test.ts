import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAnyExclusions } from './any-exclusions.ts';
import { parseLayer2Exclusions } from './index.ts';
import { parsePlainExclusions } from './plain-exclusions.ts';

/** The ConfigMap that MetalLB's manifests ship, metallb-behaviour 4.4. */
const SHIPPED = `announcedInterfacesToExclude:
- "^docker.*"
- "^cbr.*"
- "^dummy.*"
- "^virbr.*"
- "^lxcbr.*"
- "^veth.*"
- "^lo$"
- "^cali.*"
- "^tunl.*"
- "^flannel.*"
- "^kube-ipvs.*"
- "^cni.*"
- "^nodelocaldns.*"
- "^lxc.*"
`;
const excluded = async (text: string, names: readonly string[]): Promise<string[]> => {
  const outcome = await parseLayer2Exclusions(text);
  if (!outcome.ok) {
    throw new Error(outcome.message);
  }
  return names.filter((name) => outcome.value(name));
};
const listOf = (...entries: string[]): string =>
  `announcedInterfacesToExclude:\n${entries.map((entry) => `- ${entry}\n`).join('')}`;

test('the shipped list excludes what belongs to Pods and containers, and no network card', async () => {
  const cards = ['eth0', 'ens18', 'enp1s0f0', 'bond0', 'br0', 'vlan10', 'eth0.10', 'lo1', 'team0', 'wg0', 'lan-lo'];
  const others = ['docker0', 'veth1a2b', 'lo', 'cali0123', 'flannel.1', 'cni0', 'kube-ipvs0', 'lxc_health', 'tunl0'];
  expect(await excluded(SHIPPED, [...cards, ...others, ...cards])).toEqual(others);
});

describe('an interface is excluded', () => {
  test.for<[why: string, text: string, name: string]>([
    ['where any of several expressions occurs', listOf('^a', 'b$'), 'xb'],
    ['where it occurs within the name', listOf('th'), 'eth0'],
    ['by an expression with Go’s flags, which are its own', listOf("'(?i)ETH'", 'x'), 'eth0'],
    ['by what JavaScript would not take', listOf("'(?P<kind>eth)[[:digit:]]'"), 'eth0'],
    ['by a number, which is a text here', listOf('10'), 'eth10'],
    ['by a word that YAML 1.1 takes for a boolean', listOf('yes'), 'true0'],
    ['by the empty expression, as is every one', listOf('""'), 'eth0'],
    ['by an entry that is null, which Go reads as empty', listOf('~'), 'eth0'],
    ['by the key in another case, as Go reads it', 'ANNOUNCEDinterfacesTOexclude: ["^eth"]', 'eth0'],
    ['by a list in brackets', 'announcedInterfacesToExclude: ["^eth"]', 'eth0'],
    ['by JSON', '{"announcedInterfacesToExclude":["^eth"]}', 'eth0'],
  ])('%s', async ([, text, name]) => {
    expect(await excluded(text, [name])).toEqual([name]);
  });
});

describe('nothing is excluded', () => {
  test.for<[why: string, text: string]>([
    ['by an empty file', ''],
    ['by a comment', '# nothing\n'],
    ['by a key without a value', 'announcedInterfacesToExclude:\n'],
    ['by an empty list', 'announcedInterfacesToExclude: []\n'],
    ['in another case of the name', listOf('ETH')],
  ])('%s', async ([, text]) => {
    expect(await excluded(text, ['eth0', 'lo'])).toEqual([]);
  });
});

test('a key that means nothing is told of', async () => {
  expect(await parseLayer2Exclusions('announcedInterfaceToExclude: ["^eth"]')).toMatchObject({
    ok: true,
    unknownKeys: ['announcedInterfaceToExclude'],
  });
});

describe('the process does not start, and says why', () => {
  test.for<[why: string, text: string, message: RegExp]>([
    [
      'a bad expression',
      listOf('"^ok"', '"eth["'),
      /^\/etc\/metallb\/excludel2\.yaml: announcedInterfacesToExclude\[1\], "eth\[": .*missing closing \].*; correct or remove this entry/,
    ],
    ['a look-ahead, which Go lacks', listOf("'eth(?!0)'"), /announcedInterfacesToExclude\[0\], "eth\(\?!0\)": error/],
    ['expressions that only together are one', listOf("'a)|(b'"), /announcedInterfacesToExclude\[0\]/],
    ['no YAML', '}{', /excludel2\.yaml: yaml: line 1: .*; correct the YAML, or remove the file/],
    ['a text instead of a list', 'announcedInterfacesToExclude: eth0', /is no list; write each/],
    ['a mapping instead of a text', listOf('{a: b}'), /announcedInterfacesToExclude\[0\] is no text/],
    ['a list at the top', '- eth0', /not a mapping; expected announcedInterfacesToExclude:/],
    ['too many entries', listOf(...Array<string>(1001).fill('a')), /has 1001 entries; at most 1000/],
    ['a pattern without end', listOf(`"${'a'.repeat(2000)}"`), /longer than 1024 characters/],
  ])('%s', async ([, text, message]) => {
    const outcome = await parseLayer2Exclusions(text);
    expect(!outcome.ok && outcome.message).toMatch(message);
  });

  test('names the file that it was given', async () => {
    expect(await parseLayer2Exclusions('- a', '/run/other.yaml')).toMatchObject({ message: /^\/run\/other\.yaml: / });
  });
});

test('whatever the text is, there is an answer, and the answer answers', async () => {
  const line = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('- "^eth"', '- [', 'announcedInterfacesToExclude:'),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.string(), async (lines, name) => {
      const outcome = await parseLayer2Exclusions(lines.join('\n'));
      expect(outcome.ok ? typeof outcome.value(name) : typeof outcome.message).toBe(outcome.ok ? 'boolean' : 'string');
    }),
  );
});

test('the shipped list loads no parser, and what is read without one is what the parser reads', () => {
  expect(parsePlainExclusions(SHIPPED)).toMatchObject({ ok: true });
  const part = fc.constantFrom(
    'a',
    '0',
    '-',
    '_',
    '.',
    '.*',
    '\\.',
    '^',
    '$',
    '*',
    '[',
    '(',
    ' ',
    '#',
    '\\d',
    '"',
    "'",
  );
  const expression = fc.array(part, { maxLength: 6 }).map((parts) => parts.join(''));
  const entry = fc
    .tuple(fc.constantFrom('', '  '), fc.constantFrom('"', "'", ''), expression, fc.constantFrom('', ' ', ' # why'))
    .map(([indentation, quote, text, end]) => `${indentation}- ${quote}${text}${quote}${end}`);
  const line = fc.oneof(
    { weight: 8, arbitrary: entry },
    fc.constantFrom('', '# x', '---', 'announcedInterfacesToExclude:'),
  );
  const head = fc.constantFrom(
    'announcedInterfacesToExclude:',
    'announcedInterfacesToExclude: # x',
    'announcedInterfacesToExclude:#x',
    'other:',
    '',
  );
  let plain = 0;
  void fc.assert(
    fc.property(
      head,
      fc.array(line, { maxLength: 3 }),
      fc.array(fc.constantFrom('a', '0', '-', '.', '\n')),
      (first, rest, name) => {
        const text = [first, ...rest].join('\n');
        const quick = parsePlainExclusions(text);
        if (quick === undefined) {
          return;
        }
        plain++;
        const thorough = parseAnyExclusions(text, 'file');
        expect(quick.ok && thorough.ok && quick.value(name.join(''))).toBe(
          thorough.ok && thorough.value(name.join('')),
        );
        expect(thorough.ok).toBe(true);
      },
    ),
    { numRuns: 3000 },
  );
  expect(plain).toBeGreaterThan(200);
});

test('names without end are not remembered without end, and answered alike', async () => {
  const names = Array.from({ length: 10_000 }, (_, i) => (i % 2 === 0 ? `veth${i}` : `eth${i}`));
  expect(await excluded(SHIPPED, [...names, ...names])).toHaveLength(10_000);
});
