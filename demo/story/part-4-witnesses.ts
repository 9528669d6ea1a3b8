import type { Narrator } from '../narrator.ts';
import { NODES, NODES_ASN, ROUTER, ROUTER_ASN } from '../stage/cast.ts';
import type { Stage } from '../stage/stage.ts';
import { type Addressed, kubectl } from './chapter.ts';

/** What the speaker of the first node says in its log. */
export async function tellSpeakerLog(
  { steelyard }: Stage,
  narrator: Narrator,
  services: readonly Addressed[],
): Promise<void> {
  const [speaker] = steelyard.speakers;
  if (speaker === undefined) throw new Error('there is no speaker');
  narrator.step(`From the log of ${speaker.name}:`);
  const find = (wanted: Readonly<Record<string, unknown>>): string => {
    const entries = Object.entries(wanted).map(([key, value]) => [key, JSON.stringify(value)] as const);
    const line = speaker.process.lines.findLast((each) => {
      const pairs = pairsOf(each);
      return entries.every(([key, value]) => JSON.stringify(pairs[key]) === value);
    });
    if (line === undefined) throw new Error(`no line of its log has ${JSON.stringify(wanted)}`);
    return line;
  };
  await narrator.verify(
    'it tells of the session: localASN, peer, peerASN',
    () => find({ msg: 'BGP session established', localASN: NODES_ASN, peer: ROUTER.address, peerASN: ROUTER_ASN }),
    (line) => line,
  );
  for (const { service, address } of services) {
    const wanted = {
      msg: 'service has IP, announcing',
      ips: [address],
      pool: 'default',
      protocol: 'bgp',
      service: `default/${service}`,
    };
    await narrator.verify(
      `and of ${service}: ips, pool, protocol, service`,
      () => find(wanted),
      (line) => line,
    );
  }
}

/** A line of a log as a JSON object; empty for any other line. */
function pairsOf(line: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}

/** How the sessions are, and who announces what, in objects of the API. */
export async function tellObjects({ api, client }: Stage, narrator: Narrator, service: string): Promise<void> {
  narrator.step('The same from the API, without a look at any log:');
  const list = async <T>(path: string): Promise<readonly T[]> => {
    return ((await client.get(path)) as { readonly items: readonly { readonly status?: T }[] }).items.flatMap(
      ({ status }) => (status === undefined ? [] : [status]),
    );
  };
  await narrator.verify('each node is said to have a session that is Established', async () => {
    const sessions = await list<SessionStatus>(SESSIONS);
    return isOfEachNode(sessions.filter(({ state }) => state === 'Established')) || unlike(sessions);
  });
  await kubectl(narrator, api.kubectl.get('bgppeersessions'));
  await narrator.verify(`each node is said to announce ${service}`, async () => {
    const statuses = await list<ServiceStatus>(STATUSES);
    return isOfEachNode(statuses.filter(({ serviceName }) => serviceName === service)) || unlike(statuses);
  });
  await kubectl(narrator, api.kubectl.get('servicebgpstatuses'));
}

const SESSIONS = '/apis/steelyard.io/v1alpha1/namespaces/metallb-system/bgppeersessions';
const STATUSES = '/apis/metallb.io/v1beta1/namespaces/metallb-system/servicebgpstatuses';

interface SessionStatus {
  readonly node?: string;
  readonly state?: string;
}

interface ServiceStatus {
  readonly node?: string;
  readonly serviceName?: string;
}

function isOfEachNode(statuses: readonly { readonly node?: string }[]): boolean {
  return NODES.every(({ name }) => statuses.some(({ node }) => node === name));
}

function unlike(found: readonly object[]): never {
  throw new Error(JSON.stringify(found));
}
