import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LabProcess, Namespace } from '@steelyard/testkit';
import { communityOf, prefixOf } from '../prefixes.ts';
import type { Sender, SenderKind, SenderOptions } from './sender.ts';

const BENCH = fileURLToPath(new URL('../..', import.meta.url));
const PROGRAM = new URL('../steelyard-program.ts', import.meta.url);
const LOADED_TIMEOUT_MS = 60_000;

/** The process of {@link STEELYARD}, which says when sessions begin and end. */
export interface SteelyardSender extends Sender {
  readonly process: LabProcess;
}

/** Runs the built package, as whoever installs it would. */
export async function startSteelyard(namespace: Namespace, options: SenderOptions): Promise<SteelyardSender> {
  const folder = mkdtempSync(join(tmpdir(), 'bgp-steelyard-'));
  const file = join(folder, 'spec.json');
  const { asn, address, peers, count, profile, holdTimeSeconds } = options;
  const routes = Array.from({ length: count }, (_, number) => {
    const [high, low] = communityOf(number);
    return { prefix: prefixOf(number), ...(profile === 'same' ? {} : { community: high * 65_536 + low }) };
  });
  writeFileSync(file, JSON.stringify({ asn, routerId: address, holdTimeSeconds, peers, routes }));
  const code = stripTypeScriptTypes(readFileSync(PROGRAM, 'utf8'));
  const started = namespace.spawn(process.execPath, ['--input-type=module', '-e', code, file], {
    name: 'steelyard',
    cwd: BENCH, // where its imports are resolved
  });
  await started.waitForLine(/^loaded /, LOADED_TIMEOUT_MS);
  const tell = async (command: object): Promise<void> => {
    started.child.stdin?.write(`${JSON.stringify(command)}\n`);
  };
  return {
    process: started,
    pid: started.pid,
    add: (prefix) => tell({ add: [prefix] }),
    remove: (prefixes) => tell({ remove: prefixes }),
    async [Symbol.asyncDispose]() {
      await started.stop(1_000);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const STEELYARD: SenderKind = { name: 'steelyard', profiles: ['same', 'unique'], start: startSteelyard };
