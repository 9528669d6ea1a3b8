// How long an ARP reply takes at 1, 1,000 and 10,000 addresses, beside the kernel's own over the same cable.

import { compileProgram } from '@steelyard/testkit/flood';
import { readNumbers } from '../options.ts';
import { quiet } from '../process-figures.ts';
import { printResult, say } from '../result.ts';
import { compileArpWatch } from '../stage/arp-watch.ts';
import { type Network, poolAddress } from '../stage/network.ts';
import { announceWithoutController } from '../stage/services.ts';
import { openStage } from '../stage/stage.ts';
import { startSpeaker } from '../stage/steelyard.ts';
import { type Summary, summarize } from '../statistics.ts';

const LEVELS = [1, 1_000, 10_000];
const NS_PER_MICROSECOND = 1_000;
const ANNOUNCED_TIMEOUT_MS = 120_000;

export async function measure(args: readonly string[]): Promise<void> {
  const options = readNumbers(args, { samples: 2_000, rate: 200, most: 10_000, seed: 1 });
  await using stage = await openStage({ nodes: 1, api: 'memory' });
  const { network, api } = stage;
  const [node] = network.nodes;
  if (node === undefined) throw new Error('no node');
  const probe = compileProgram(new URL('../native/arp-probe.c', import.meta.url));
  const watch = await compileArpWatch().start(network.client);
  const speaker = stage.keep(startSpeaker(api, node));
  await speaker.ready();

  const figures: Record<string, unknown> = {};
  let known = 0;
  for (const level of LEVELS.filter((each) => each <= options.most)) {
    const beganMs = performance.now();
    await announceWithoutController(api.client, node.name, known, level);
    known = level;
    await watch.waitForCount(level, { timeoutMs: ANNOUNCED_TIMEOUT_MS });
    await quiet(speaker.process);
    say(`${level} address(es) announced, and quiet, after ${Math.round(performance.now() - beganMs)} ms`);
    const { compared, measured } = await ask(network, probe, node.address, level, options);
    figures[`addresses${level}`] = { steelyard: measured, kernel: compared };
    say(`  steelyard ${JSON.stringify(measured)}\n  kernel    ${JSON.stringify(compared)}`);
  }
  await watch.close();
  printResult({ question: 'arp-reply', options, kubernetes: api.version, figures });
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
  level: number,
  { samples, rate, seed }: { readonly samples: number; readonly rate: number; readonly seed: number },
): Promise<{ readonly compared: Latencies; readonly measured: Latencies }> {
  const words = [client.cable.ifname, client.address, kernelAddress, samples, rate, seed];
  const input = Array.from({ length: level }, (_, index) => `${poolAddress(index)}\n`).join('');
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
