import type { Narrator, Who } from '../narrator.ts';
import type { KubectlCall } from '../stage/kubectl.ts';
import type { Stage } from '../stage/stage.ts';

/** A part of the story. Parts are told in order, on the same stage. */
export interface Chapter {
  readonly title: string;
  tell(stage: Stage, narrator: Narrator): Promise<void>;
}

/** Types a kubectl command, and shows what it printed. */
export async function kubectl(narrator: Narrator, call: KubectlCall): Promise<string> {
  narrator.command('admin', `kubectl ${call.words}`, call.input);
  const printed = await call.run();
  narrator.output(printed);
  return printed;
}

/** Shows what a host's command prints. */
export async function shown(narrator: Narrator, who: Who, line: string, run: () => Promise<string>): Promise<string> {
  narrator.command(who, line);
  const printed = await run();
  narrator.output(printed);
  return printed;
}

/** The guides' Services: each listens at 8080 and leads to port 80 of its Pods. */
export const SERVICE_PORT = 8080;
export const TARGET_PORT = 80;

/** The old ConfigMap with one layer 2 pool. */
export function poolConfig(
  poolName: string,
  ranges: readonly string[],
): {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
  readonly text: string;
} {
  const text = [
    'address-pools:',
    `- name: ${poolName}`,
    '  protocol: layer2',
    '  addresses:',
    ...ranges.map((range) => `  - ${range}`),
  ].join('\n');
  return { namespace: 'metallb-system', name: 'config', key: 'config', text };
}
