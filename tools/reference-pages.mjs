// Writes docs/reference from what the packages say of themselves, so that nothing is said twice: `--check` only compares.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const check = process.argv.includes('--check');

/** The sections of a README by their titles, without the titles. */
function sectionsOf(text) {
  const parts = text.split(/^## (.+)$/m);
  return new Map(Array.from({ length: (parts.length - 1) / 2 }, (_, i) => [parts[2 * i + 1], parts[2 * i + 2].trim()]));
}

const readmes = ['packages', 'apps'].flatMap((folder) =>
  readdirSync(join(ROOT, folder))
    .map((name) => ({ path: `${folder}/${name}/README.md`, manifest: `${folder}/${name}/package.json` }))
    .flatMap(({ path, manifest }) => {
      try {
        const { name } = JSON.parse(readFileSync(join(ROOT, manifest), 'utf8'));
        return [{ name, path, text: readFileSync(join(ROOT, path), 'utf8') }];
      } catch {
        return []; // a folder without a README says nothing
      }
    }),
);

function page(title, introduction, wanted) {
  const parts = readmes.flatMap(({ name, path, text }) => {
    const found = [...sectionsOf(text)].filter(([section]) => wanted(section)).map(([, body]) => body);
    return found.length === 0 ? [] : [`## [${name}](../../${path})\n\n${found.join('\n\n')}\n`];
  });
  return `<!-- Written by tools/reference-pages.mjs from the packages' own READMEs. -->\n\n# ${title}\n\n${introduction}\n\n${parts.join('\n')}`;
}

const pages = {
  'errors.md': page(
    'Errors',
    'Every code that a package of Steelyard gives, what it means, and what to do.',
    (section) => /^Error/.test(section),
  ),
  'differences-from-metallb.md': page(
    'Differences from MetalLB',
    'What an operator who swaps the images may notice. `--parity=metallb` makes a program decide as MetalLB does, as far as the tables say so: what only harms (overflows, flapping, leaks) is never imitated.',
    (section) => /^Differs from/.test(section),
  ),
};

let stale = 0;
for (const [name, text] of Object.entries(pages)) {
  const file = join(ROOT, 'docs/reference', name);
  const before = (() => {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      return undefined;
    }
  })();
  if (before === text) continue;
  if (check) {
    process.stdout.write(`docs/reference/${name} is not what the READMEs say: run node tools/reference-pages.mjs\n`);
    stale++;
  } else {
    writeFileSync(file, text);
  }
}

// A code that is in the sources and in no README helps nobody who meets it.
const sources = (folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true }).filter(
    (entry) =>
      entry.isFile() &&
      entry.name.endsWith('.ts') &&
      !entry.name.endsWith('.test.ts') &&
      /\/src(\/|$)/.test(entry.parentPath) &&
      !/node_modules|\/dist\/|\/testkit\//.test(entry.parentPath),
  );
for (const entry of sources('packages')) {
  const text = readFileSync(join(entry.parentPath, entry.name), 'utf8');
  for (const [, code] of text.matchAll(/'(ERR_[A-Z0-9_]*[A-Z0-9])'/g)) {
    if (pages['errors.md'].includes(`\`${code}\``)) continue;
    process.stdout.write(`${code} (${entry.name}) is listed in no README\n`);
    stale++;
  }
}
process.exitCode = stale === 0 ? 0 : 1;
