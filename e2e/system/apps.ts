import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type LabProcess, type Namespace, waitUntil } from '@steelyard/testkit';

/** The namespace of Steelyard's own objects: MetalLB's name. */
export const STEELYARD_NAMESPACE = 'metallb-system';
/** Where /readyz is, in each process's own network namespace: MetalLB's default. */
export const HEALTH_PROBE_PORT = 17_472;
/** A machine that does other things besides may take long. */
const READY_TIMEOUT_MS = 30_000;

/** Where the bundles are: this checkout's, unless one wants to know of others, for example an image's. */
const { STEELYARD_APPS: APPS = fileURLToPath(new URL('../../apps', import.meta.url)) } = process.env;

/** One line of a log. */
export type LogRecord = Readonly<Record<string, unknown>>;

/** A running app. */
export interface App {
  readonly name: string;
  readonly process: LabProcess;
  readonly namespace: Namespace;
  /** What it has logged. A line that is no JSON is a failure of its own. */
  records(): readonly LogRecord[];
  /**
   * The first line that has all these pairs, logged already or to come.
   *
   * @param pairs - A value, or a regular expression that it matches.
   * @param from - How many lines are too old to count.
   */
  waitForRecord(pairs: LogRecord, from?: number): Promise<LogRecord>;
}

/** How an app is started. */
export interface AppOptions {
  readonly flags?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** Starts a bundled app as it is started in a Pod. */
export function startApp(
  app: 'controller' | 'speaker',
  name: string,
  namespace: Namespace,
  { flags = [], env = {} }: AppOptions = {},
): App {
  const main = `${APPS}/${app}/dist/main.js`;
  if (!existsSync(main)) throw new Error(`the ${app} is not built: run npm run setup, or npm test, which builds it`);
  const started = namespace.spawn(process.execPath, [main, ...flags], { name, env });
  const records = (): LogRecord[] => started.lines.map((line) => recordOf(name, line));
  return {
    name,
    process: started,
    namespace,
    records,
    waitForRecord(pairs, from = 0) {
      const matches = (record: LogRecord): boolean =>
        Object.entries(pairs).every(([key, value]) =>
          value instanceof RegExp ? value.test(String(record[key])) : record[key] === value,
        );
      const what = `${name} to log ${Object.entries(pairs).map(String).join(' ')}`;
      return waitUntil(what, () => records().slice(from).find(matches), { timeoutMs: 15_000 });
    },
  };
}

function recordOf(name: string, line: string): LogRecord {
  try {
    return JSON.parse(line) as LogRecord;
  } catch {
    throw new Error(`${name} printed a line that is no JSON: ${line}`);
  }
}

/** What an app complained of. */
export function errorsOf(app: App): readonly LogRecord[] {
  return app.records().filter(({ level }) => level === 'error');
}

/** What a kubelet would be told: `healthz` or `readyz`. */
export async function askHealth(app: App, path: string): Promise<{ readonly status: number; readonly body: string }> {
  const url = `http://127.0.0.1:${HEALTH_PROBE_PORT}/${path}`;
  const args = ['-s', '--max-time', '5', '-w', '\n%{http_code}', url];
  const { stdout } = await app.namespace.run('curl', args, { allowFailure: true });
  const at = stdout.lastIndexOf('\n');
  return { status: Number(stdout.slice(at + 1)), body: stdout.slice(0, at) };
}

/** Waits until an app says that it has read what it needs. */
export async function waitUntilReady(app: App): Promise<void> {
  const settled = async (): Promise<boolean> =>
    app.process.end !== undefined || (await askHealth(app, 'readyz')).status === 200;
  await waitUntil(`${app.name} to be ready`, settled, { timeoutMs: READY_TIMEOUT_MS, intervalMs: 50 });
  if (app.process.end === undefined) return;
  const { code, signal } = app.process.end;
  throw new Error(`${app.name} ended with ${signal ?? code}:\n${app.process.lines.slice(-5).join('\n')}`);
}
