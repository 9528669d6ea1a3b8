import { existsSync } from 'node:fs';
import { defineConfig } from 'tsup';

// One configuration serves every library: tsup looks for it upwards and keeps the package as its working folder.
// All doors of a package are entries of one run, so that what they share is one chunk and a class exists once.
const doors = ['index', 'node/index', 'packet/index', 'link/index', 'control/index'];

export default defineConfig({
  entry: Object.fromEntries(
    doors.filter((door) => existsSync(`src/${door}.ts`)).map((door) => [door, `src/${door}.ts`]),
  ),
  format: 'esm',
  target: 'node22',
  platform: 'node',
  removeNodeProtocol: false,
  sourcemap: true,
  clean: true,
});
