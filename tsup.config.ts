import { cpSync, existsSync, readFileSync } from 'node:fs';
import { defineConfig, type Options } from 'tsup';

// One configuration serves every package: tsup looks for it upwards and keeps the package as its working folder.

/** All doors of a library are entries of one run, so that what they share is one chunk and a class exists once. */
const doors = [
  'index',
  'node/index',
  'packet/index',
  'link/index',
  'icmpv6/index',
  'tcp/index',
  'layer2-exclusions/index',
  'metrics/index',
  'control/index',
  'single-writer/index',
];
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

type Plugin = NonNullable<Options['esbuildPlugins']>[number];

/**
 * An ES module that imports `node:http` has every one of its exports looked up, WebSocket among them, for which Node.js
 * loads a second HTTP client: 8 MiB of RSS and 60 ms in each thread. Nobody asks for that where it is required.
 */
const requireHttp: Plugin = {
  name: 'require-http',
  setup(build) {
    build.onResolve({ filter: /^(node:)?https?$/ }, ({ path }) => ({
      path: path.replace(/^(node:)?/, 'node:'),
      namespace: 'required',
    }));
    build.onLoad({ filter: /./, namespace: 'required' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule('${path}');`,
    }));
  },
};

/** What client-node's KubeConfig imports for API clients that nobody here makes of it. */
const unusedByKubeConfig: Readonly<Record<string, readonly string[]>> = {
  './gen/index.js': ['createConfiguration', 'ServerConfiguration'],
  undici: ['Agent', 'ProxyAgent'],
};

/** 760 models and one more HTTP client: 19 MiB of RSS wherever a kubeconfig is read. Its credentials and proxies need neither. */
const withoutUnusedClients: Plugin = {
  name: 'without-unused-clients',
  setup(build) {
    const filter = /^(\.\/gen\/index\.js|undici)$/;
    build.onResolve({ filter }, ({ path, importer }) =>
      /client-node\/dist\/config\.js$/.test(importer) ? { path, namespace: 'unused' } : undefined,
    );
    build.onLoad({ filter, namespace: 'unused' }, ({ path }) => ({
      contents: (unusedByKubeConfig[path] ?? [])
        .map((name) => `export function ${name}() { throw new Error('${path} is left out of this program'); }`)
        .join('\n'),
    }));
  },
};

/**
 * A file for each thread and the chunks that they share, straight from the sources of all packages, with nothing to
 * install beside them but the addon. Minified, since the text of a program is memory too.
 */
const app: Options = {
  entry: present(threads),
  target: 'node24',
  // What only a kubeconfig needs is loaded only then: in a Pod, 20 MB of RSS less.
  splitting: true,
  noExternal: [/./],
  minify: true,
  esbuildPlugins: [requireHttp, withoutUnusedClients],
  esbuildOptions(options) {
    // One character beyond Latin-1 in a file, and V8 keeps all of it with two bytes for each.
    options.charset = 'ascii';
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
