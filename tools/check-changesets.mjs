// Every published package is either named by a changeset or already has a changelog. `changeset status --since=main`
// asks for the main branch, which a shallow clone, or main itself, does not have beside its work.

import { existsSync, readdirSync, readFileSync } from 'node:fs';

const named = new Set();
for (const file of readdirSync('.changeset')) {
  if (!file.endsWith('.md') || file === 'README.md') continue;
  const text = readFileSync(`.changeset/${file}`, 'utf8');
  const front = /^---\n([\s\S]*?)\n---\n/.exec(text);
  const lines = front?.[1].split('\n').filter(Boolean) ?? [];
  if (lines.length === 0 || !lines.every((line) => /^"@steelyard\/[a-z0-9-]+": (?:patch|minor|major)$/.test(line))) {
    process.stdout.write(`.changeset/${file}: the front matter names no package and its kind of change\n`);
    process.exitCode = 1;
  }
  if (text.replace(/^---[\s\S]*?---\n/, '').trim() === '') {
    process.stdout.write(`.changeset/${file}: it does not say what a user notices\n`);
    process.exitCode = 1;
  }
  for (const line of lines) named.add(line.split('"')[1]);
}
for (const group of ['packages', 'apps']) {
  for (const folder of readdirSync(group)) {
    if (!existsSync(`${group}/${folder}/package.json`)) continue;
    const manifest = JSON.parse(readFileSync(`${group}/${folder}/package.json`, 'utf8'));
    if (manifest.name === '@steelyard/testkit') continue;
    if (named.has(manifest.name) || existsSync(`${group}/${folder}/CHANGELOG.md`)) continue;
    process.stdout.write(`${manifest.name}: no changeset names it and it has no changelog; run "pnpm changeset"\n`);
    process.exitCode = 1;
  }
}
