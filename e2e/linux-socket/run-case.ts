// Runs one case: node --conditions=@steelyard/source run-case.ts SCENARIO-FILE CASE-NAME, inside a fresh network namespace.
import type { Cases } from './veth.ts';

const [, , file = '', name = ''] = process.argv;
const { cases } = (await import(new URL(`scenarios/${file}`, import.meta.url).href)) as { cases: Cases };
const run = cases[name];
if (run === undefined) throw new Error(`no case ${JSON.stringify(name)} in ${file}`);
await run();
