/** The real control plane by hand: `main.ts build` builds it, `main.ts up` runs one until Ctrl-C. */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { buildKubeLab } from './build.ts';
import { openRealControlPlane } from './control-plane.ts';

const usage = `usage: main.ts build [--quiet-when-absent]
       main.ts up [--bind-address=127.0.0.1] [--port=0] [--scheduler] [--apiserver-flag=--v=4 ...]
`;

const print = (text: string): boolean => process.stdout.write(`${text}\n`);

async function up(options: {
  'bind-address'?: string;
  port?: string;
  scheduler?: boolean;
  'apiserver-flag'?: string[];
}): Promise<number> {
  const interrupted = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await using controlPlane = await openRealControlPlane({
    ...(options['bind-address'] === undefined ? {} : { bindAddress: options['bind-address'] }),
    ...(options.port === undefined ? {} : { port: Number(options.port) }),
    scheduler: options.scheduler === true,
    apiServerFlags: options['apiserver-flag'] ?? [],
  });
  const { environment, url, kubectlPath, directory, timingsMs } = controlPlane;
  print(`# ${url} serves after ${timingsMs.ready} ms; its logs are in ${directory}; Ctrl-C ends it`);
  for (const [name, value] of Object.entries(environment)) print(`export ${name}=${value}`);
  print(`alias kubectl=${kubectlPath}`);
  const complaint = await Promise.race([controlPlane.ended, interrupted]);
  if (typeof complaint !== 'string') return 0;
  process.stderr.write(`${complaint}\n`);
  return 1;
}

async function build(quietWhenAbsent: boolean): Promise<number> {
  const kubeLab = await buildKubeLab();
  if (kubeLab.available) print(kubeLab.path);
  else if (!quietWhenAbsent) process.stderr.write(`${kubeLab.reason}\n`);
  return kubeLab.available || quietWhenAbsent ? 0 : 1;
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    'bind-address': { type: 'string' },
    'quiet-when-absent': { type: 'boolean' },
    port: { type: 'string' },
    scheduler: { type: 'boolean' },
    'apiserver-flag': { type: 'string', multiple: true },
  },
});
if (positionals[0] === 'build') process.exitCode = await build(values['quiet-when-absent'] === true);
else if (positionals[0] === 'up') process.exitCode = await up(values);
else {
  process.stderr.write(usage);
  process.exitCode = 2;
}
