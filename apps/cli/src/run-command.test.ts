import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openApiClient, openMemoryApi } from '@steelyard/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { runCommand } from './run-command.ts';
import type { Surroundings } from './surroundings.ts';

const DATA = 'address-pools:\n- { name: default, protocol: layer2, addresses: [192.0.2.0/28] }\n';
const configMap = (data: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: config }\ndata:\n  config: |\n${data.replaceAll(/^(?=.)/gm, '    ')}`;

let folder = '';
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'steelyard-cli-')));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Given {
  readonly input?: string | Uint8Array;
  readonly env?: Surroundings['env'];
  readonly terminal?: boolean;
  readonly failing?: 'stdout';
}

async function run(
  args: readonly string[],
  { input = '', env = {}, terminal = false, failing }: Given = {},
): Promise<Outcome> {
  const written = { stdout: '', stderr: '' };
  const sink = (name: 'stdout' | 'stderr'): Surroundings['stdout'] => ({
    isTTY: terminal,
    write: (text, done) => {
      if (name === failing) {
        done(Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }));
      } else {
        written[name] += text;
        done();
      }
    },
  });
  async function* octets(): AsyncGenerator<Uint8Array | string> {
    yield input;
  }
  const stdin = Object.assign(octets(), { isTTY: terminal });
  const exitCode = await runCommand(args, { stdin, stdout: sink('stdout'), stderr: sink('stderr'), env });
  return { exitCode, ...written };
}

function fileOf(text: string | Uint8Array, name = 'config.yaml'): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const kindsOf = (yaml: string): unknown[] => parseAllDocuments(yaml).flatMap((document) => document.toJS()?.kind ?? []);

describe('what is read', () => {
  const BOTH = ['IPAddressPool', 'L2Advertisement'];
  test.for<[name: string, args: (path: string) => string[], input: string, file: string]>([
    ['a file', (path) => ['migrate', path], '', configMap(DATA)],
    ['a file by --source', (path) => ['migrate', '--source', path], '', configMap(DATA)],
    ['a file as configmaptocrs takes it', (path) => ['migrate', '-source', path, '-only-data', '-stdout'], '', DATA],
    ['the same, in one word each', (path) => ['migrate', `-source=${path}`, '-only-data=true'], '', DATA],
    ['a flag that is off', (path) => ['migrate', path, '--only-data=false'], '', configMap(DATA)],
    ['standard input', () => ['migrate', '-'], configMap(DATA), ''],
    ['what is piped in', () => ['migrate', '--only-data'], DATA, ''],
    [
      'JSON',
      () => ['migrate', '-'],
      JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', data: { config: DATA } }),
      '',
    ],
  ])('%s', async ([, args, input, file]) => {
    const { exitCode, stdout, stderr } = await run(args(fileOf(file)), { input });
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    expect(kindsOf(stdout)).toEqual(BOTH);
  });

  test('the ConfigMap of a cluster, in the namespace that is asked for', async () => {
    await using api = await openMemoryApi();
    await createConfigMap(api.kubeconfigPath, 'lb', DATA);
    api.clearRequests();
    const args = ['migrate', '--from-cluster', '--kubeconfig', api.kubeconfigPath];
    const found = await run([...args, '--namespace', 'lb']);
    expect(found).toMatchObject({ exitCode: 0, stderr: '' });
    expect(found.stdout).toContain('namespace: lb\n');
    expect(await run(args)).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringMatching(/^ConfigMap metallb-system\/config: error: .*not found.*--namespace/s),
    });
    const byVariable = await run(['migrate', '--from-cluster', '-n', 'lb'], {
      env: { KUBECONFIG: api.kubeconfigPath },
    });
    expect(byVariable.stdout).toBe(found.stdout);
    expect(api.writes).toEqual([]);
  });
});

describe('what is wrong with the call is exit code 2', () => {
  test.for<[name: string, args: string[], stderr: RegExp]>([
    ['no command', [], /Usage: steelyard/],
    ['another command', ['convert'], /unknown command 'convert'/],
    ['an unknown flag', ['migrate', '--apply'], /unknown option '--apply'/],
    ['two files', ['migrate', 'a', 'b'], /too many arguments/],
    [
      'two sources',
      ['migrate', 'a', '--source', 'b', '--from-cluster'],
      /a file and --source and --from-cluster: give one/,
    ],
    ['data of a cluster', ['migrate', '--from-cluster', '--only-data'], /--only-data is for files/],
    ['a cluster that is not read', ['migrate', '-', '--kubeconfig', 'x'], /--kubeconfig goes with --from-cluster/],
    ['a namespace that is none', ['migrate', '-', '-n', '../x'], /"\.\.\/x" is no namespace/],
    ['two places', ['migrate', '-', '--stdout', '-o', 'x'], /--stdout and --output are two places/],
    ['a flag without its value', ['migrate', '-o'], /argument missing/],
    ['a boolean that is none', ['migrate', '--only-data=maybe'], /./],
  ])('%s', async ([, args, stderr]) => {
    const outcome = await run(args);
    expect(outcome).toMatchObject({ exitCode: 2, stdout: '' });
    expect(outcome.stderr).toMatch(stderr);
  });

  test('nothing to read at a terminal', async () => {
    const outcome = await run(['migrate'], { terminal: true });
    expect(outcome).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('nothing to read') });
  });
});

describe('what cannot be done is exit code 1, and nothing is written', () => {
  const wrong = configMap(DATA.replace('192.0.2.0/28', '192.0.2.0/28, 192.0.2.99'));

  test('a problem names the file, the line, the part, the value and the remedy', async () => {
    const path = fileOf(wrong);
    const { exitCode, stdout, stderr } = await run(['migrate', path]);
    expect(exitCode).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toBe(
      `${path}:7:68: error: address-pools[0].addresses[1]: parsing address pool default: invalid CIDR "192.0.2.99" in pool "default": invalid CIDR "192.0.2.99"
  found "192.0.2.99"; write a CIDR such as 192.0.2.0/24 (192.0.2.1/32 for one address) or a range such as 192.0.2.10-192.0.2.20
1 error: nothing is written
`,
    );
  });

  test.for<[name: string, args: (path: string) => string[], input: string | Uint8Array, stderr: RegExp]>([
    ['no such file', (path) => ['migrate', `${path}x`], '', /x: error: no such file or directory\n$/],
    ['a folder', () => ['migrate', folder], '', /: error: illegal operation on a directory\n$/],
    ['no UTF-8', () => ['migrate', '-'], Uint8Array.of(0xff, 0xfe), /^standard input: error: not UTF-8/],
    ['a file of 5 MiB', () => ['migrate', '-'], ' '.repeat(5 << 20), /^standard input: error: larger than/],
    ['not a ConfigMap', () => ['migrate', '-'], DATA, /read it with --only-data/],
    [
      'no kubeconfig',
      () => ['migrate', '--from-cluster', '--kubeconfig', '/nowhere'],
      '',
      /^ConfigMap .*: error: .*\/nowhere/,
    ],
  ])('%s', async ([, args, input, stderr]) => {
    const outcome = await run(args(join(folder, 'none')), { input });
    expect(outcome).toMatchObject({ exitCode: 1, stdout: '' });
    expect(outcome.stderr).toMatch(stderr);
  });

  test('a full disk behind standard output', async () => {
    const outcome = await run(['migrate', '-'], { input: configMap(DATA), failing: 'stdout' });
    expect(outcome).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('no space left on device') });
  });

  test('an output file keeps what it had', async () => {
    const output = fileOf('before', 'resources.yaml');
    expect(await run(['migrate', '-', '-o', output], { input: wrong })).toMatchObject({ exitCode: 1 });
    expect(readFileSync(output, 'utf8')).toBe('before');
    expect(await run(['migrate', '-', '-o', join(folder, 'none/x')], { input: configMap(DATA) })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/none\/x: error: cannot be written: no such file or directory/),
    });
    expect(readdirSync(folder)).toEqual(['resources.yaml']);
  });
});

describe('an output file', () => {
  test('has all that standard output would have, and is its owner’s alone', async () => {
    const output = join(folder, 'resources.yaml');
    const { stdout } = await run(['migrate', '-'], { input: configMap(DATA) });
    expect(await run(['migrate', '-', '-o', output], { input: configMap(DATA) })).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: '',
    });
    expect(readFileSync(output, 'utf8')).toBe(stdout);
    expect(statSync(output).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['resources.yaml']);
  });

  test('is written where a link points', async () => {
    const target = fileOf('before', 'target.yaml');
    symlinkSync(target, join(folder, 'link.yaml'));
    await run(['migrate', '-', '-o', join(folder, 'link.yaml')], { input: configMap(DATA) });
    expect(readFileSync(target, 'utf8')).toContain('kind: IPAddressPool');
    expect(readdirSync(folder).sort()).toEqual(['link.yaml', 'target.yaml']);
  });

  test('may be a device, which stays one', async () => {
    expect(await run(['migrate', '-', '-o', '/dev/null'], { input: configMap(DATA) })).toMatchObject({ exitCode: 0 });
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });
});

describe('what is said', () => {
  const renamed = configMap(DATA.replace('default', 'My_Pool'));

  test('a warning, and everything is written', async () => {
    const { exitCode, stdout, stderr } = await run(['migrate', '-'], { input: renamed });
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/^standard input:7:\d+: warning: .*from: My_Pool to: my-pool\n/);
    expect(kindsOf(stdout)).toHaveLength(2);
  });

  test.for<[name: string, env: Surroundings['env'], terminal: boolean, colored: boolean]>([
    ['a terminal has colours', {}, true, true],
    ['a file has none', {}, false, false],
    ['NO_COLOR has none', { NO_COLOR: '1' }, true, false],
    ['an empty NO_COLOR says nothing', { NO_COLOR: '' }, true, true],
    ['a dumb terminal has none', { TERM: 'dumb' }, true, false],
  ])('%s', async ([, env, terminal, colored]) => {
    const { stderr } = await run(['migrate', fileOf(renamed)], { env, terminal });
    expect(stderr.includes('\u001b[')).toBe(colored);
  });

  test('what moves a cursor is shown, not done', async () => {
    const { stderr } = await run(['migrate', '-', '--only-data'], {
      input: 'address-pools:\n- { name: "\\e[2Jx\\n", protocol: "l\\u009b2", addresses: [192.0.2.0/28] }\n',
    });
    expect(stderr.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
    expect(stderr).toContain('\\u001b[2Jx');
  });

  test.for<[args: string[], stdout: RegExp]>([
    [['--help'], /Example.*steelyard migrate --from-cluster/s],
    [['migrate', '--help'], /--only-data.*Exit code: 0.*kubectl apply -f -/s],
    [['--version'], /^\d+\.\d+\.\d+\n$/],
  ])('%s', async ([args, stdout]) => {
    const outcome = await run(args);
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
    expect(outcome.stdout).toMatch(stdout);
  });
});

async function createConfigMap(kubeconfigPath: string, namespace: string, config: string): Promise<void> {
  using client = await openApiClient(kubeconfigPath);
  await client.create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await client.create(`/api/v1/namespaces/${namespace}/configmaps`, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'config' },
    data: { config },
  });
}
