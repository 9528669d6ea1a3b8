import { fileURLToPath } from 'node:url';
import type { Namespace } from '@steelyard/testkit';

/** What strangers do. */
export interface StrangersAsked {
  readonly host: string;
  readonly port: number;
  /** Connections, all at once. */
  readonly count: number;
  /** Where they come from, in turn. */
  readonly sources?: readonly string[];
  /** What each says, in hexadecimal. */
  readonly say?: string;
  /** They do not close when they are closed. */
  readonly stay?: boolean;
  /** At most so long. */
  readonly forMs: number;
}

/** What became of them. */
export interface StrangersMet {
  readonly connected: number;
  readonly closed: number;
  /** Connections on which octets came. */
  readonly heard: number;
  /** All that came, each once, in hexadecimal. */
  readonly said: readonly string[];
  /** Connections that were there in the end. */
  readonly open: number;
}

export async function sendStrangers(namespace: Namespace, asked: StrangersAsked): Promise<StrangersMet> {
  const program = fileURLToPath(new URL('./hostile-strangers-inside.ts', import.meta.url));
  const args = ['--conditions=@steelyard/source', program, JSON.stringify(asked)];
  const { stdout } = await namespace.run(process.execPath, args, { timeoutMs: asked.forMs + 20_000 });
  const line = stdout.split('\n').find((one) => one.startsWith('met ')) ?? 'met {}';
  return JSON.parse(line.slice('met '.length)) as StrangersMet;
}
