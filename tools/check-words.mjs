// The project speaks of itself alone. A path of one machine, or the address of a registry in a lockfile, works for its
// author and for nobody else, and is noticed only on the next machine: so it is looked for here.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const rules = [
  {
    what: 'an absolute path of one machine',
    pattern: /(?:^|[^A-Za-z0-9._~-])\/(?:work|farm|root|home\/[a-z]+)\/[A-Za-z]/,
    only: /./,
  },
  { what: 'a download address in a lockfile', pattern: /(?:tarball: *|"resolved": *")https?:\/\//, only: /lock/ },
  { what: 'a focused test', pattern: /\b(?:describe|it|test)\.only\(/, only: /\.test\.ts$/ },
  {
    what: 'a marker of unfinished work',
    pattern: /\b(?:TODO|FIXME|XXX|HACK)\b/,
    only: /\.(?:ts|mjs|c|h|go|sh|yaml|md)$/,
  },
];

const files = execFileSync('git', ['ls-files', '-z'], { encoding: 'utf8' }).split('\0').filter(Boolean);
const found = [];
for (const file of files) {
  if (file === 'tools/check-words.mjs') continue;
  let text;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    continue; // removed, but not yet committed so
  }
  for (const [i, line] of text.split('\n').entries()) {
    for (const { what, pattern, only } of rules) {
      if (only.test(file) && pattern.test(line)) found.push(`${file}:${i + 1}: ${what}: ${line.trim().slice(0, 120)}`);
    }
  }
}
process.stdout.write(found.length === 0 ? '' : `${found.join('\n')}\n`);
process.exitCode = found.length === 0 ? 0 : 1;
