import { defineConfig } from 'vitest/config';

// Tests run from the sources: nothing has to be built but the addon.
const conditions = ['@steelyard/source', 'module', 'node', 'development|production'];
const fromSource = { resolve: { conditions }, ssr: { resolve: { conditions } } };

export default defineConfig({
  test: {
    dangerouslyIgnoreUnhandledErrors: false,
    projects: [
      {
        ...fromSource,
        test: {
          name: 'unit',
          include: ['{packages,apps}/*/{src,test,examples}/**/*.test.ts', '{demo,bench}/**/*.test.ts'],
        },
      },
      {
        ...fromSource,
        // What needs a kernel, a namespace or a peer mostly waits, for an outage to pass or a burst to end: a few files at
        // a time keep two cores busy. No test asserts a time.
        test: {
          name: 'e2e',
          include: ['e2e/**/*.test.ts'],
          pool: 'forks',
          maxWorkers: 4,
          testTimeout: 60_000,
          // What is waited for comes by itself; how soon depends on what else the machine does.
          expect: { poll: { timeout: 30_000, interval: 100 } },
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
