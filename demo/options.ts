import { parseArgs } from 'node:util';

/** What the user asked for on the command line. */
export interface DemoOptions {
  readonly kubernetes: 'memory' | 'real';
  /** Leaves everything running at the end. */
  readonly keep: boolean;
  /** Where to write what the client's wire saw. */
  readonly pcap: string | undefined;
}

export const USAGE: string = `Usage: npm run demo -- [OPTION...]

Builds a home network of three nodes, a gateway, a router and a laptop out of
network namespaces, runs Steelyard on it, and tells the story from a pending
Service to an answer, what happens when a node is unplugged, and the same by
BGP where FRR is installed. Nothing outside these namespaces is touched.

  --kubernetes=memory|real  the API server: an in-memory one (default), or
                            Kubernetes' own, which is built with Go at first use
  --keep                    leave everything running at the end, until Ctrl-C
  --pcap FILE               write what the laptop's cable carried
  --help                    this text

Exit code: 0 if each step was verified, 1 if one failed, 2 for a wrong option.
`;

/** Reads the command line. A text instead of options is what is wrong with it; `'help'` is a wish for help. */
export function parseOptions(argv: readonly string[]): DemoOptions | 'help' | { readonly wrong: string } {
  let values: { kubernetes: string; keep: boolean; pcap?: string; help: boolean };
  try {
    ({ values } = parseArgs({
      args: [...argv],
      options: {
        kubernetes: { type: 'string', default: 'memory' },
        keep: { type: 'boolean', default: false },
        pcap: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }));
  } catch (error) {
    return { wrong: (error as Error).message };
  }
  if (values.help) return 'help';
  const { kubernetes, keep, pcap } = values;
  if (kubernetes !== 'memory' && kubernetes !== 'real') {
    return { wrong: `--kubernetes is memory or real, not ${JSON.stringify(kubernetes)}` };
  }
  if (pcap === '') return { wrong: '--pcap needs the name of a file' };
  return { kubernetes, keep, pcap };
}
