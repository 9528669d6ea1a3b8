import { cpSync } from 'node:fs';
import { defineConfig } from 'tsup';

/**
 * One file for each entry, straight from the sources: nothing to install beside it but the addon. Minified, since
 * the text of a program is memory too (RSS 86 instead of 124 MiB, measured with the Kubernetes client in it).
 */
export const app = (entry: Record<string, string>): ReturnType<typeof defineConfig> =>
  defineConfig({
    entry,
    format: 'esm',
    target: 'node24',
    platform: 'node',
    splitting: false,
    noExternal: [/./],
    minify: true,
    clean: true,
    esbuildOptions(options) {
      options.conditions = ['@steelyard/source'];
      // Else an uncaught error prints the one line in which it happened: all hundred kilobytes of it.
      options.lineLimit = 160;
    },
    onSuccess: async () => cpSync('../../packages/linux-socket/prebuilds', 'prebuilds', { recursive: true }),
    // CommonJS among the dependencies asks for `require`, which an ES module lacks.
    banner: {
      js: "import{createRequire as __steelyardRequire}from'node:module';const require=__steelyardRequire(import.meta.url);",
    },
  });
