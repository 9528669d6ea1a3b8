import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { CI } = process.env;

/** A PATH with what a stranger has: npm and Node.js, and no compiler. */
function strangersPath(folder: string): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  symlinkSync(process.execPath, join(bin, 'node'));
  symlinkSync(execFileSync('sh', ['-c', 'command -v npm']).toString().trim(), join(bin, 'npm'));
  return bin;
}

const program = `
  import { watchLinks } from '@steelyard/linux-socket/link';
  import { openIcmpv6Socket, openMulticastGroups } from '@steelyard/linux-socket/icmpv6';
  import { connectTcp, listenTcp } from '@steelyard/linux-socket/tcp';
  import { openPacketSocket } from '@steelyard/linux-socket/packet';
  const watcher = await watchLinks({ onChange() {} });
  console.log([...watcher.view.links.values()].some((link) => link.name === 'lo' && link.loopback));
  await watcher.close();
  try { openPacketSocket({ interfaceName: 'no-such-name', etherType: 0x0806, onFrames() {} }); }
  catch (error) { console.log(error.code); }
  try { openIcmpv6Socket({ interfaceName: 'no-such-name', types: [135], onMessages() {} }); }
  catch (error) { console.log(error.code); }
  try { openMulticastGroups({ interfaceIndex: 2147483647 }); }
  catch (error) { console.log(error.code); }
  const listener = await listenTcp({ address: '127.0.0.1', port: 0, onConnection: (socket) => socket.end('hello') });
  const socket = connectTcp({ address: '127.0.0.1', port: listener.port, ttl: 255, trafficClass: 0xc0 });
  for await (const octets of socket) console.log(String(octets));
  await listener.close();
`;

/** Why the packages cannot be packed here. */
function packRefusal(): string | undefined {
  if (!['wire', 'linux-socket'].every((name) => existsSync(join(root, 'packages', name, 'dist'))))
    return 'nothing is built';
  const compilers = ['x86_64-linux-gnu-gcc', 'aarch64-linux-gnu-gcc'];
  const missing = compilers.filter((name) => spawnSync(name, ['--version']).status !== 0);
  return missing.length === 0 ? undefined : `packing needs ${missing.join(' and ')}`;
}

const refusal = packRefusal();
if (refusal !== undefined && CI === 'true') throw new Error(refusal);

describe.skipIf(refusal !== undefined)(`a stranger${refusal === undefined ? '' : `: ${refusal}`}`, () => {
  let folder = '';

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'steelyard-stranger-'));
    for (const name of ['wire', 'linux-socket']) {
      execFileSync('pnpm', ['pack', '--pack-destination', folder], {
        cwd: join(root, 'packages', name),
        stdio: 'pipe',
      });
    }
    const tarballs = readdirSync(folder).map((name) => `./${name}`);
    writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }');
    execFileSync('npm', ['install', '--offline', '--no-audit', '--no-fund', ...tarballs], {
      cwd: folder,
      stdio: 'pipe',
      env: { PATH: strangersPath(folder), HOME: folder },
    });
    writeFileSync(join(folder, 'program.js'), program);
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test('installs the tarballs without a compiler, and they work', () => {
    expect(execFileSync(process.execPath, ['program.js'], { cwd: folder }).toString()).toBe(
      'true\nENODEV\nENODEV\nENXIO\nhello\n',
    );
  });

  test('gets both CPUs, and neither tests nor scripts', () => {
    const installed = readdirSync(join(folder, 'node_modules/@steelyard/linux-socket'), { recursive: true }).map(
      String,
    );
    expect(installed.filter((path) => path.endsWith('.node')).sort((a, b) => a.localeCompare(b))).toEqual([
      'prebuilds/linux-arm64/linux_socket.node',
      'prebuilds/linux-x64/linux_socket.node',
    ]);
    expect(installed.filter((path) => /\.test\.|^(test|scripts|examples)/u.test(path))).toEqual([]);
  });

  test('bundles it, and finds the addon in prebuilds beside the folder of the bundle', () => {
    const app = join(folder, 'app');
    mkdirSync(app);
    const config = {
      entry: { main: '../program.js' },
      format: 'esm',
      platform: 'node',
      noExternal: ['/./'],
      outDir: 'dist',
    };
    const source = JSON.stringify(config).replace('"/./"', '/./');
    writeFileSync(join(app, 'tsup.config.mjs'), `export default ${source};`);
    writeFileSync(join(app, 'package.json'), '{ "type": "module", "private": true }');
    execFileSync(join(root, 'node_modules/.bin/tsup'), { cwd: app, stdio: 'pipe' });
    cpSync(join(folder, 'node_modules/@steelyard/linux-socket/prebuilds'), join(app, 'prebuilds'), { recursive: true });
    const elsewhere = mkdtempSync(join(tmpdir(), 'steelyard-bundle-'));
    try {
      cpSync(app, elsewhere, { recursive: true });
      const run = () => execFileSync(process.execPath, [join(elsewhere, 'dist/main.js')], { stdio: 'pipe' }).toString();
      expect(run()).toBe('true\nENODEV\nENODEV\nENXIO\nhello\n');
      rmSync(join(elsewhere, 'prebuilds'), { recursive: true });
      expect(run).toThrow(/ERR_LINUX_SOCKET_ADDON_MISSING/u);
    } finally {
      rmSync(elsewhere, { recursive: true, force: true });
    }
  });
});
