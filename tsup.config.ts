import { cpSync, existsSync, readFileSync } from 'node:fs';
import { defineConfig, type Options } from 'tsup';

// One configuration serves every package: tsup looks for it upwards and keeps the package as its working folder.

/** All doors of a library are entries of one run, so that what they share is one chunk and a class exists once. */
const doors = ['index', 'node/index', 'packet/index', 'link/index', 'control/index'];
/** An app has a file for each thread. */
const threads = ['main', 'control'];

const present = (names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.filter((name) => existsSync(`src/${name}.ts`)).map((name) => [name, `src/${name}.ts`]));

/** Whether the package that is built needs the addon beside it. */
const opensSockets = (): boolean => readFileSync('package.json', 'utf8').includes('@steelyard/speaker-wire');

const library: Options = {
  entry: present(doors),
  target: 'node22',
  sourcemap: true,
};

/**
 * A file for each thread and chunks, straight from the sources of all packages, with nothing to install beside it but the addon. Minified, since the text
 * of a program is memory too.
 */
const app: Options = {
  entry: present(threads),
  target: 'node24',
  // What only a kubeconfig needs is loaded only then: in a Pod, 20 MB of RSS less.
  splitting: true,
  noExternal: [/./],
  minify: true,
  esbuildOptions(options) {
    options.conditions = ['@steelyard/source'];
    // Else an uncaught error prints the one line in which it happened: all hundred kilobytes of it.
    options.lineLimit = 160;
  },
  onSuccess: async () => {
    if (opensSockets()) cpSync('../../packages/linux-socket/prebuilds', 'prebuilds', { recursive: true });
  },
  // CommonJS among the dependencies asks for `require`, which an ES module lacks.
  banner: {
    js: "import{createRequire as __steelyardRequire}from'node:module';const require=__steelyardRequire(import.meta.url);",
  },
};

export default defineConfig({
  ...(existsSync('src/main.ts') ? app : library),
  format: 'esm',
  platform: 'node',
  removeNodeProtocol: false,
  clean: true,
});
