import type { NeighborView, PathView } from './daemon.ts';

/** One path of BIRD's table. */
export interface BirdRoute {
  readonly prefix: string;
  readonly path: PathView;
}

/** Reads `show protocols all PROTOCOL`. */
export function readBirdProtocol(text: string): NeighborView {
  const field = (name: string): string | undefined => new RegExp(`^ +${name}: +(.*)$`, 'm').exec(text)?.[1]?.trim();
  const imported = [...text.matchAll(/^ +Routes: +(\d+) imported/gm)].map(([, count]) => Number(count));
  const hold = /^ +Hold timer: +[\d.]+\/(\d+)/m.exec(text)?.[1];
  const asn = field('Neighbor AS');
  return {
    state: field('BGP state') ?? 'unknown',
    prefixesReceived: imported.reduce((sum, count) => sum + count, 0),
    holdTimeSeconds: hold === undefined ? undefined : Number(hold),
    peerAsn: asn === undefined ? undefined : Number(asn),
    peerIdentifier: field('Neighbor ID'),
    raw: text,
  };
}

/** Reads `show route all`: what is not BGP's is left out. */
export function readBirdRoutes(text: string): BirdRoute[] {
  const routes: BirdRoute[] = [];
  let prefix = '';
  let lines: string[] = [];
  const finish = (): void => {
    if (lines.some((line) => /^\tType: BGP/.test(line))) routes.push({ prefix, path: pathOf(lines) });
    lines = [];
  };
  for (const line of text.split('\n')) {
    // `192.0.2.1/32 unicast [peer0 …]`, and for its second path the same without the prefix.
    const head = /^(\S+\/\d+)? +\w+ \[/.exec(line);
    if (head === null) {
      lines.push(line);
      continue;
    }
    finish();
    prefix = head[1] ?? prefix;
  }
  finish();
  return routes;
}

function pathOf(lines: readonly string[]): PathView {
  const attribute = (name: string): string | undefined => {
    const start = `\tBGP.${name}:`;
    return lines
      .find((line) => line.startsWith(start))
      ?.slice(start.length)
      .trim();
  };
  const number = (name: string): number | undefined => {
    const value = attribute(name);
    return value === undefined ? undefined : Number(value);
  };
  const tuples = (name: string): string[] =>
    [...(attribute(name) ?? '').matchAll(/\(([^)]*)\)/g)]
      .map(([, inner = '']) => inner.replaceAll(/, ?/g, ':'))
      .sort((a, b) => (a < b ? -1 : 1));
  const origin = attribute('origin')?.toLowerCase();
  const [nextHop = '', linkLocal] = (attribute('next_hop') ?? '').split(' ');
  return {
    // A link-local one alone is shown beside an unspecified one.
    ...(nextHop === '::'
      ? { nextHop: linkLocal ?? nextHop, linkLocalNextHop: undefined }
      : { nextHop, linkLocalNextHop: linkLocal }),
    asPath: attribute('as_path') ?? '',
    origin: origin === 'igp' || origin === 'egp' ? origin : 'incomplete',
    localPref: number('local_pref'),
    med: number('med'),
    communities: tuples('community'),
    largeCommunities: tuples('large_community'),
  };
}
