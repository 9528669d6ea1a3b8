import type { Narrator, Who } from '../narrator.ts';
import type { KubectlCall } from '../stage/kubectl.ts';
import { readService } from '../stage/services.ts';
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

/** Addresses are announced to these, in the old ConfigMap's words. */
export interface PeerLines {
  readonly address: string;
  readonly peerAsn: number;
  readonly myAsn: number;
}

/** The old ConfigMap with one pool: of layer 2, or with a peer, of BGP. */
export function poolConfig(
  poolName: string,
  ranges: readonly string[],
  peer?: PeerLines,
): {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
  readonly text: string;
} {
  const peers =
    peer === undefined
      ? []
      : ['peers:', `- peer-address: ${peer.address}`, `  peer-asn: ${peer.peerAsn}`, `  my-asn: ${peer.myAsn}`];
  const text = [
    ...peers,
    'address-pools:',
    `- name: ${poolName}`,
    `  protocol: ${peer === undefined ? 'layer2' : 'bgp'}`,
    '  addresses:',
    ...ranges.map((range) => `  - ${range}`),
  ].join('\n');
  return { namespace: 'metallb-system', name: 'config', key: 'config', text };
}

/** A Service, and the address that it is to have. */
export interface Addressed {
  readonly service: string;
  readonly address: string;
}

/** Whether a Service has its address, and no other. */
export async function hasAddress({ client }: Stage, { service, address }: Addressed): Promise<boolean> {
  const { addresses } = await readService(client, service);
  if (addresses.join() === address) return true;
  throw new Error(`its status has ${addresses.join(', ') || 'no address'}`);
}

/** The head of an answer, if it is one of success. */
export async function ok(answer: Promise<string>): Promise<string> {
  const head = await answer;
  if (head.startsWith('HTTP/1.1 200 OK\n')) return head;
  throw new Error(`the answer was ${JSON.stringify(head.split('\n')[0])}`);
}
