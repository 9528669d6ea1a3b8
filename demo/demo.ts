import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildKubeLab, labEnvironment, labUnavailableReason } from '@steelyard/testkit';
import pc from 'picocolors';
import { explainFailure } from './failure.ts';
import { inviteToTry } from './keep.ts';
import { createNarrator } from './narrator.ts';
import type { DemoOptions } from './options.ts';
import { GATEWAY, LAPTOP, NODES, ROUTER } from './stage/cast.ts';
import { createScenery, type Scenery, type Stage } from './stage/stage.ts';
import { waitUntilReady } from './stage/steelyard.ts';
import { chapters } from './story/chapters.ts';

const INTERRUPTED_EXIT_CODE = 130;

/** Sets the stage, tells the story, takes the stage down. Returns the exit code. */
export async function runDemo(options: DemoOptions): Promise<number> {
  const obstacle = labUnavailableReason() ?? missingPrograms() ?? missingBuild() ?? (await missingKubernetes(options));
  if (obstacle !== undefined) {
    process.stderr.write(`The demo cannot run here: ${obstacle}.\n`);
    return 1;
  }
  const interrupted = interruption();
  const scenery = createScenery();
  let keepLogs = false;
  try {
    const stage = await Promise.race([tell(options, scenery), interrupted]);
    if (stage === undefined) return INTERRUPTED_EXIT_CODE;
    if (options.keep) {
      process.stdout.write(inviteToTry(stage));
      await interrupted;
    }
    if (stage.pcap !== undefined) {
      const frames = await stage.pcap.close();
      process.stdout.write(`${stage.pcap.path} has the ${frames} frames that passed over the laptop's cable.\n`);
    }
    return 0;
  } catch (error) {
    keepLogs = true;
    process.stderr.write(explainFailure(error, scenery));
    return 1;
  } finally {
    await scenery.takeDown(keepLogs);
  }
}

/** The story from the first cable to the last claim. */
async function tell(options: DemoOptions, scenery: Scenery): Promise<Stage> {
  const startedAt = performance.now();
  const seconds = (): string => ((performance.now() - startedAt) / 1000).toFixed(1);
  const narrator = createNarrator((text) => process.stdout.write(text));
  narrator.aside('A home network out of network namespaces; nothing else of this machine is touched.');
  const stage = await scenery.setUp(options);
  const hosts = [...NODES, GATEWAY, ROUTER, LAPTOP].map(({ name, address }) => `${name} ${address}`).join(', ');
  narrator.aside(`${hosts};`);
  narrator.aside(`${stage.api.description};`);
  await Promise.all(scenery.apps.map(waitUntilReady));
  narrator.aside(`a controller, and a speaker on each node, ready after ${seconds()} s.`);
  for (const chapter of chapters) {
    narrator.part(chapter.title);
    await chapter.tell(stage, narrator);
  }
  process.stdout.write(`\n${pc.bold(pc.green(`All ${narrator.verified} claims verified`))} in ${seconds()} s.\n`);
  return stage;
}

/** Resolves when the user has had enough. */
function interruption(): Promise<undefined> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve(undefined));
  });
}

/** What the story itself runs, and the Debian package of each. */
function missingPrograms(): string | undefined {
  const programs = { curl: 'curl', nft: 'nftables' };
  const missing = Object.entries(programs).filter(
    ([program]) => spawnSync(program, ['--version'], { stdio: 'ignore', env: labEnvironment() }).error,
  );
  if (missing.length === 0) return undefined;
  const packages = missing.map(([, debianPackage]) => debianPackage).join(' ');
  return `${missing.map(([program]) => program).join(' and ')} not found; as root: apt-get install ${packages}`;
}

function missingBuild(): string | undefined {
  const missing = ['controller', 'speaker'].filter(
    (app) => !existsSync(fileURLToPath(new URL(`../apps/${app}/dist/main.js`, import.meta.url))),
  );
  return missing.length === 0
    ? undefined
    : `${missing.join(' and ')} not built; run it as npm run demo, which builds them`;
}

/** Kubernetes' own API server is built at first use, which shows its progress. */
async function missingKubernetes(options: DemoOptions): Promise<string | undefined> {
  if (options.kubernetes === 'memory') return undefined;
  const kubeLab = await buildKubeLab();
  return kubeLab.available ? undefined : `--kubernetes=real is not possible: ${kubeLab.reason}`;
}
