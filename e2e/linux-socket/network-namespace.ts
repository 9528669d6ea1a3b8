import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const { CI, PATH = '/usr/bin:/bin' } = process.env;
/** `ip` and `tc` are often in folders that an ordinary user’s PATH leaves out. */
const env = { PATH: `${PATH}:/usr/sbin:/sbin` };

/** A network namespace of its own for one command: root needs no more; others get a user namespace around it. */
const unshare = ['unshare', '--net', ...(process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'])];

/** Why no namespace can be had here, or undefined. In CI this is a failure and no reason to skip. */
export function namespaceRefusal(): string | undefined {
  const [command = '', ...flags] = unshare;
  const words = 'ip link add name left type veth peer name right'.split(' ');
  const tried = spawnSync(command, [...flags, ...words], { env });
  if (tried.status === 0) return undefined;
  const reason = `no network namespace: ${tried.error?.message ?? tried.stderr.toString().trim()} (run as root, or allow unprivileged user namespaces)`;
  if (CI === 'true') throw new Error(reason);
  return reason;
}

/**
 * Runs one case of a scenario file in a process and a network namespace of its own; both vanish together, whatever happens.
 *
 * @throws Error with what the process printed, if the case fails or takes longer than `timeoutMs`.
 */
export function runCase(file: string, name: string, timeoutMs = 30_000): Promise<string> {
  const [command = '', ...flags] = unshare;
  const runner = fileURLToPath(new URL('run-case.ts', import.meta.url));
  const node = [process.execPath, '--conditions=@steelyard/source', '--expose-gc', runner];
  const child = spawn(command, [...flags, 'setpriv', '--pdeathsig', 'KILL', ...node, file, name], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
  });
  return outcome(child, timeoutMs);
}

function outcome(child: ChildProcess, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        printed = (printed + chunk.toString()).slice(-20_000);
      });
    }
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) resolve(printed);
      else reject(new Error(`ended with ${signal ?? code}:\n${printed}`));
    });
  });
}
