// How long a Neighbor Advertisement takes at 1 and 1,000 addresses, beside the kernel's own over the same cable.

import { waitUntil, watchOwners } from '@steelyard/testkit';
import { compileProgram } from '@steelyard/testkit/flood';
import { readNumbers } from '../options.ts';
import { quiet } from '../process-figures.ts';
import { printResult, say } from '../result.ts';
import { readContenders } from '../stage/contenders.ts';
import { type Network, poolIpv6Address } from '../stage/network.ts';
import { announceWithoutController } from '../stage/services.ts';
import { createSpeakerPods, type SpeakerContender } from '../stage/speakers.ts';
import { openStage } from '../stage/stage.ts';
import { type Summary, summarize } from '../statistics.ts';

const DEFAULTS = { samples: 2_000, rate: 200, most: 1_000, seed: 1 };
type Options = { readonly [Name in keyof typeof DEFAULTS]: number };
const LEVELS = [1, 1_000];
const NS_PER_MICROSECOND = 1_000;
const ANNOUNCED_TIMEOUT_MS = 60_000;

export async function measure(args: readonly string[]): Promise<void> {
  const { contenders, rest } = readContenders(args);
  const options = readNumbers(rest, DEFAULTS);
  const figures: Record<string, unknown> = {};
  let kubernetes = '';
  for (const contender of contenders) {
    say(`${contender.name} ${contender.version}`);
    const measured = await measureContender(contender, options);
    kubernetes = measured.kubernetes;
    figures[contender.name] = { version: contender.version, ...measured.figures };
  }
  printResult({ question: 'ndp-reply', options, kubernetes, figures });
}

async function measureContender(contender: SpeakerContender, options: Options) {
  await using stage = await openStage({ nodes: 1, api: 'memory' });
  const { network, api } = stage;
  const [node] = network.nodes;
  if (node === undefined) throw new Error('no node');
  await createSpeakerPods(api.client, [node]);
  const probe = compileProgram(new URL('./ndp-probe.c', import.meta.url));
  const speaker = stage.keep(contender.start(api, node));
  await speaker.ready();

  const figures: Record<string, unknown> = {};
  let known = 0;
  for (const level of LEVELS.filter((each) => each <= options.most)) {
    const addresses = Array.from({ length: level }, (_, number) => poolIpv6Address(number));
    await using watch = await watchOwners(network.client, { addresses: addresses.slice(known), intervalMs: 0 });
    await announceWithoutController(api.client, node.name, known, level, 'IPv6');
    const announced = (): number => new Set(watch.announcements.map(({ address }) => address)).size;
    const isAnnounced = (): boolean => announced() >= level - known;
    await waitUntil('all announcements', isAnnounced, { timeoutMs: ANNOUNCED_TIMEOUT_MS }).catch((error: unknown) => {
      throw new Error(`of ${level - known} addresses ${announced()} were announced`, { cause: error });
    });
    known = level;
    await quiet(speaker.process);
    const { compared, measured } = await ask(network, probe, node.ipv6, addresses, options);
    figures[`addresses${level}`] = { [contender.name]: measured, kernel: compared };
    say(`  ${contender.name} ${JSON.stringify(measured)}\n  kernel ${JSON.stringify(compared)}`);
  }
  return { kubernetes: api.version, figures };
}

interface Latencies {
  /** From before send(2) until the kernel of the one who asks had the answer. */
  readonly micros: Summary | undefined;
  /** The same until its program had it. */
  readonly microsInProgram: Summary | undefined;
  readonly lost: number;
}

async function ask(
  { client }: Network,
  probe: string,
  kernelAddress: string,
  addresses: readonly string[],
  { samples, rate, seed }: Options,
): Promise<{ readonly compared: Latencies; readonly measured: Latencies }> {
  const words = [client.cable.ifname, client.ipv6, kernelAddress, samples, rate, seed];
  const input = addresses.map((address) => `${address}\n`).join('');
  // Twice the time that is needed, and what losses may take.
  const timeoutMs = 10_000 + (4_000 * samples) / rate + 200 * samples;
  const { stdout } = await client.namespace.run(probe, words.map(String), { input, timeoutMs });
  const lines = stdout.split('\n').map((line) => line.split(' '));
  const of = (kind: string): Latencies => {
    const mine = lines.filter(([first]) => first === kind);
    const answered = mine.filter(([, first]) => first !== 'lost');
    const micros = (column: number): Summary | undefined =>
      summarize(answered.map((line) => Number(line[column]) / NS_PER_MICROSECOND));
    return { micros: micros(1), microsInProgram: micros(2), lost: mine.length - answered.length };
  };
  return { compared: of('c'), measured: of('m') };
}
