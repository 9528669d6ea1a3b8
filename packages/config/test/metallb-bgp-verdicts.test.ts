import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  advertisesFromNode,
  formatCommunity,
  type ParsedBgpPeer,
  type ParsedConfig,
  parseConfiguration,
  type ResolvedBgpAdvertisement,
} from '../src/index.ts';

interface Named {
  readonly metadata: { readonly name: string; readonly labels: Record<string, string> };
}
/** One configuration, and what MetalLB v0.16.1 made of it: see fixtures/metallb-bgp-verdicts.mjs. */
interface Verdict {
  readonly configured: {
    readonly Mode: string;
    readonly Pools: readonly unknown[];
    readonly BGPAdvs: readonly unknown[];
    readonly Peers: readonly unknown[];
    readonly BFDProfiles: readonly unknown[];
    readonly Communities: readonly unknown[];
    readonly Secrets: readonly unknown[];
    readonly Nodes: readonly Named[];
  };
  readonly verdict: {
    readonly Error: string;
    readonly Pools: Readonly<Record<string, readonly object[]>>;
    readonly Peers: Readonly<Record<string, { readonly Hold: number; readonly Port: number }>>;
  };
}

const verdicts = readFileSync(new URL('fixtures/metallb-bgp-verdicts.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line): Verdict => JSON.parse(line));
const parse = ({ configured }: Verdict, more: { readonly parity?: boolean } = {}) =>
  parseConfiguration({
    ipAddressPools: configured.Pools,
    l2Advertisements: [],
    bgpAdvertisements: configured.BGPAdvs,
    bgpPeers: configured.Peers,
    bfdProfiles: configured.BFDProfiles,
    communities: configured.Communities,
    secrets: configured.Secrets,
    nodes: configured.Nodes.map(({ metadata }) => metadata),
    bgpType: configured.Mode,
    reader: 'speaker',
    ...more,
  });

const outcomes = verdicts.map((verdict) => ({ verdict, ...parse(verdict) }));

/** An advertisement in the words of the verdict. */
function advertisementOf(advertisement: ResolvedBgpAdvertisement, nodes: readonly Named[]): object {
  return {
    Name: advertisement.name,
    Lengths: [advertisement.aggregationLength, advertisement.aggregationLengthV6],
    LocalPref: advertisement.localPref,
    Communities: advertisement.communities.map(formatCommunity),
    Nodes: nodes
      .filter(({ metadata }) => advertisesFromNode(advertisement, metadata.labels))
      .map((n) => n.metadata.name),
    Peers: advertisement.peers === 'all' ? [] : advertisement.peers,
    Services: advertisement.serviceSelectors.length,
  };
}

/** A peer in the words of the verdict. */
function peerOf(peer: ParsedBgpPeer): object {
  const { holdTimeSeconds, keepaliveTimeMs, connectTimeSeconds } = peer;
  return {
    MyASN: peer.myAsn,
    ASN: typeof peer.peerAsn === 'number' ? peer.peerAsn : 0,
    LocalASN: peer.localAsn ?? 0,
    DynamicASN: typeof peer.peerAsn === 'number' ? '' : peer.peerAsn,
    Addr: peer.address ?? '',
    Iface: peer.interface ?? '',
    Src: peer.sourceAddress ?? '',
    Rtr: peer.routerId ?? '',
    Port: peer.port,
    Hold: holdTimeSeconds === undefined ? -1 : holdTimeSeconds,
    Keepalive: keepaliveTimeMs === undefined ? -1 : keepaliveTimeMs,
    Connect: connectTimeSeconds === undefined ? -1 : connectTimeSeconds * 1000,
    Password: new TextDecoder().decode(peer.password?.reveal() ?? new Uint8Array()),
    BFD: peer.bfdProfile?.name ?? '',
    VRF: peer.vrf ?? '',
    Graceful: peer.enableGracefulRestart,
    MultiHop: peer.ebgpMultiHop,
    DualStack: peer.dualStackAddressFamily,
  };
}

function configOf(config: ParsedConfig, { configured }: Verdict): object {
  const byName = (a: ResolvedBgpAdvertisement, b: ResolvedBgpAdvertisement): number => (a.name < b.name ? -1 : 1);
  return {
    Pools: Object.fromEntries(
      [...config.pools].map(([name, { bgpAdvertisements }]) => [
        name,
        bgpAdvertisements.toSorted(byName).map((advertisement) => advertisementOf(advertisement, configured.Nodes)),
      ]),
    ),
    Peers: Object.fromEntries([...config.bgpPeers].map(([name, peer]) => [name, peerOf(peer)])),
  };
}

/** Where no port was written MetalLB's parser has 0: the 179 comes from the CRD. A hold time is whole seconds on the wire. */
function asServed({ verdict }: Verdict): object {
  return {
    Pools: verdict.Pools,
    Peers: Object.fromEntries(
      Object.entries(verdict.Peers).map(([name, peer]) => [
        name,
        {
          ...peer,
          Port: peer.Port || 179,
          Hold: peer.Hold < 0 ? -1 : Math.trunc(peer.Hold / 1000),
        },
      ]),
    ),
  };
}

/** Without what differs on purpose: the place in a list, the length of the other family, Go's name around a duration, a line feed in a text. */
function comparable(message: string): string {
  return message
    .replaceAll('\\x0a', '\n')
    .replaceAll('\n', ': ')
    .replace(/&Duration\{Duration:(.*?),\}/g, '$1')
    .replace(/bfd profile #\d+/g, 'bfd profile')
    .replace(/invalid aggregation length \d+: prefix/g, 'invalid aggregation length: prefix');
}

describe('MetalLB', () => {
  test(`takes and refuses the same of ${verdicts.length} configurations`, () => {
    const ours = outcomes.map(({ config }) => config.acceptedByMetalLb);
    expect(ours).toEqual(verdicts.map(({ verdict }) => verdict.Error === ''));
    expect(ours.filter(Boolean).length).toBeGreaterThan(200);
  });

  test('does so under parity, where what it refuses leaves nothing in force', () => {
    const ours = verdicts.map((verdict) => parse(verdict, { parity: true }).config.completeness);
    expect(ours).toEqual(verdicts.map(({ verdict }) => (verdict.Error === '' ? 'complete' : 'unknown')));
  });

  test('makes the same of what it takes', () => {
    for (const { verdict, config } of outcomes.filter((outcome) => outcome.verdict.verdict.Error === '')) {
      expect(configOf(config, verdict)).toEqual(asServed(verdict));
    }
  });

  test('says of what it refuses what we say, among other things', () => {
    for (const { verdict, problems } of outcomes) {
      const { Error: error } = verdict.verdict;
      const wrongPeer = problems.some(
        ({ object, severity, code }) =>
          object.kind === 'BGPPeer' && severity === 'error' && code !== 'ERR_CONFIG_IMPLEMENTATION',
      );
      // What Go's decoder refuses never reaches the parser; a peer that is wrong by itself stands in no other's way.
      if (!error.startsWith('json:') && !(wrongPeer && error.includes('FRR mode'))) {
        expect(problems.map(({ message }) => comparable(message)).join('\n')).toContain(comparable(error));
      }
    }
  });
});
