// npm run bench -- QUESTION [OPTION...]: runs one benchmark and prints its result as a line of JSON. See README.md.

import { existsSync, readdirSync } from 'node:fs';

const [question = '', ...args] = process.argv.slice(2);
const questions = readdirSync(import.meta.dirname).filter((name) =>
  existsSync(new URL(`${name}/main.ts`, import.meta.url)),
);
if (!questions.includes(question)) {
  process.stderr.write(`usage: npm run bench -- QUESTION [OPTION...]; the questions are ${questions.join(', ')}\n`);
  process.exit(2);
}
// Ctrl-C and its like end this process in order: what it holds (namespaces, the control plane) ends with it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

const { measure } = (await import(new URL(`${question}/main.ts`, import.meta.url).href)) as {
  measure(args: readonly string[]): Promise<void>;
};
await measure(args);
process.exit(0); // nothing that a library still holds open is worth waiting for
