import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { labPrivilege, spawnBound } from '@steelyard/testkit';
import { type App, freePort, runningApp, STEELYARD_NAMESPACE } from './app.ts';
import type { ClusterApi } from './cluster-api.ts';
import type { Host } from './network.ts';
import { SPEAKER_HEALTH_PORT, type SpeakerContender, speakerPodName } from './speakers.ts';

/** The apps that are measured: those of this checkout, unless STEELYARD_APPS names a folder with others. */
const APPS = process.env['STEELYARD_APPS'] ?? fileURLToPath(new URL('../../apps', import.meta.url));

/** Starts the bundled controller beside this process: it needs no network but the API. */
export async function startController(api: ClusterApi): Promise<App> {
  const healthPort = await freePort();
  const [[program, ...args], env] = commandLine('controller', api, healthPort);
  const startedNs = process.hrtime.bigint();
  // An ordinary user may mount in a user namespace only.
  const user = labPrivilege() === 'direct' ? [] : ['unshare', '--user', '--map-root-user', ...KILLED_WITH_PARENT];
  const [first = program, ...rest] = [...user, program, ...args];
  const started = spawnBound(first, rest, { name: 'controller', env: { ...env, METALLB_POD_NAME: 'controller' } });
  const url = `http://127.0.0.1:${healthPort}/readyz`;
  return runningApp('controller', started, startedNs, async () => (await fetch(url)).ok);
}

/** Starts the bundled speaker of a node, which reaches the API by a relay of this process. */
export function startSpeaker(api: ClusterApi, { name, address, namespace }: Host, extra: NodeJS.ProcessEnv = {}): App {
  const [[program, ...args], env] = commandLine('speaker', api, SPEAKER_HEALTH_PORT);
  const startedNs = process.hrtime.bigint();
  const started = namespace.spawn(program, args, {
    name: `speaker of ${name}`,
    env: {
      ...env,
      METALLB_NODE_NAME: name,
      METALLB_HOST: address,
      METALLB_POD_NAME: speakerPodName(name),
      ...extra,
    },
  });
  const url = `http://127.0.0.1:${SPEAKER_HEALTH_PORT}/readyz`;
  return runningApp(started.name, started, startedNs, async () => {
    const asked = await namespace.run('curl', ['-sf', '--max-time', '2', url], { allowFailure: true });
    return asked.code === 0;
  });
}

/** The speaker of this checkout, as one of several that are compared. */
export const STEELYARD_SPEAKER: SpeakerContender = { name: 'steelyard', version: 'this checkout', start: startSpeaker };

/** Entering a user namespace clears what a parent has set. */
const KILLED_WITH_PARENT = ['setpriv', '--pdeathsig', 'KILL'];

/** Shows the program that follows the two files that kubelet mounts into a Pod. It keeps its process id. */
const AS_IN_A_POD = `set -e
mount -t tmpfs tmpfs /run
folder=/run/secrets/kubernetes.io/serviceaccount
mkdir -p "$folder"
printf %s "$POD_TOKEN" > "$folder/token"
cat "$POD_CA" > "$folder/ca.crt"
unset POD_TOKEN POD_CA
exec "$@"`;

type CommandLine = readonly [program: string, ...args: string[]];

/** How an app is started: with the credentials of a Pod where the API has TLS, else with a kubeconfig. */
function commandLine(
  app: 'controller' | 'speaker',
  { inPod, kubeconfigPath }: ClusterApi,
  healthPort: number,
): readonly [CommandLine, NodeJS.ProcessEnv] {
  const flags = [`--namespace=${STEELYARD_NAMESPACE}`, `--health-probe-port=${healthPort}`, '--port=0'];
  const words: CommandLine = [process.execPath, join(APPS, app, 'dist/main.js'), ...flags];
  if (inPod === undefined) return [[...words, `--kubeconfig=${kubeconfigPath}`], {}];
  const env = {
    KUBERNETES_SERVICE_HOST: inPod.host,
    KUBERNETES_SERVICE_PORT: inPod.port,
    POD_TOKEN: inPod.token,
    POD_CA: inPod.certificateAuthorityPath,
    KUBECONFIG: '',
  };
  return [['unshare', '--mount', 'sh', '-c', AS_IN_A_POD, 'sh', ...words], env];
}
