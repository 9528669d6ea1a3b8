import { parseGoDuration } from '../go/duration.ts';
import type { LegacyAddressPool, LegacyDocument, LegacyPeer } from '../legacy/legacy-document.ts';
import type { Finding } from '../problem/problem.ts';
import { isObjectName, objectName } from './object-name.ts';
import {
  bfdProfile,
  bgpAdvertisement,
  bgpPeer,
  community,
  ipAddressPool,
  l2Advertisement,
  type MigratedObject,
} from './objects.ts';

/** An object, and the part of the old document that it stands for: `address-pools[0].bgp-advertisements[1]`. */
export interface Converted {
  readonly object: MigratedObject;
  readonly origin: string;
}

/** MetalLB's, where no hold time is given. */
const DEFAULT_HOLD_TIME = '90s';
const SECOND = 1_000_000_000n;

/**
 * Makes the objects that say what the old document says, in the sequence and by the names of MetalLB's converter:
 * peers, pools, BGP advertisements, layer 2 advertisements, BFD profiles, communities.
 *
 * @param report - Takes what is wrong. An error there means that what is returned is not to be used.
 * @see MetalLB `configmaptocrs/main.go`, `resourcesFor`, `resourcesToObjects`
 */
export function convertDocument(
  document: LegacyDocument,
  namespace: string,
  report: (finding: Finding) => void,
): readonly Converted[] {
  const pools = namedParts(document['address-pools'] ?? [], 'address-pools', 'IpAddressPool', report);
  const profiles = namedParts(document['bfd-profiles'] ?? [], 'bfd-profiles', 'BFDProfile', report);
  const peers = (document.peers ?? []).map((peer, i) =>
    convertPeer(peer ?? {}, i, namespace, report, (profile, field) =>
      convertName(profile, field, 'BFDProfile', (finding) => {
        if (finding.severity !== 'warning') {
          report(finding); // the profile itself says under which name it goes on
        }
      }),
    ),
  );
  const aliases = document['bgp-communities'] ?? new Map<string, string>();
  return [
    ...peers,
    ...pools.map(({ part, name, origin }) => ({ object: ipAddressPool(part, { name, namespace }), origin })),
    ...bgpAdvertisements(pools, namespace),
    ...l2Advertisements(pools, namespace, report),
    ...profiles.map(({ part, name, origin }) => ({ object: bfdProfile(part, { name, namespace }), origin })),
    ...(aliases.size === 0
      ? []
      : [{ object: community(aliases, { name: 'communities', namespace }), origin: 'bgp-communities' }]),
  ];
}

/** A pool or a profile, by the name that its object gets. */
interface NamedPart<Part> {
  readonly part: Part;
  readonly name: string;
  readonly origin: string;
}

function namedParts<Part extends { readonly name?: string | undefined }>(
  parts: readonly (Part | undefined)[],
  section: string,
  kind: string,
  report: (finding: Finding) => void,
): readonly NamedPart<Part>[] {
  const origins = new Map<string, string>();
  return parts.map((given, i) => {
    const part = given ?? ({} as Part);
    const origin = `${section}[${i}]`;
    const name = convertName(part.name, `${origin}.name`, kind, report);
    const before = origins.get(name);
    if (before !== undefined && name !== '') {
      report({
        field: `${origin}.name`,
        value: part.name,
        code: 'ERR_CONFIG_DUPLICATE_POOL',
        message: `${kind === 'BFDProfile' ? 'found duplicate bfd profile name' : 'duplicate definition of pool'} "${name}", as ${before} has it`,
        remedy: 'give one of them another name',
      });
    }
    origins.set(name, origin);
    return { part, name, origin };
  });
}

function convertName(
  written: string | undefined,
  field: string,
  kind: string,
  report: (finding: Finding) => void,
): string {
  const given = written ?? '';
  const name = objectName(given);
  if (name === undefined) {
    report({
      field,
      value: given,
      code: given === '' ? 'ERR_CONFIG_MISSING_NAME' : 'ERR_CONFIG_INVALID_VALUE',
      message: `failed to make ${kind} K8S compatible: ${given.slice(0, 256)}`,
      remedy: 'give it a name with a letter from a to z',
    });
    return '';
  }
  if (!isObjectName(name)) {
    report({
      field,
      value: given,
      code: 'ERR_CONFIG_INVALID_VALUE',
      message: `becomes the name ${JSON.stringify(name)}, which Kubernetes refuses`,
      remedy: 'use letters, digits and hyphens, and end with a letter or a digit',
    });
  } else if (name !== given) {
    report({
      severity: 'warning',
      field,
      value: given,
      code: 'ERR_CONFIG_INVALID_VALUE',
      message: `Changing ${kind} name from: ${given.slice(0, 256)} to: ${name}`,
      remedy:
        kind === 'BFDProfile'
          ? 'nothing: the peers that name it follow'
          : `Services that ask for the pool by their annotation must say ${name} from now on`,
    });
  }
  return name;
}

/**
 * Makes a BGPPeer of an entry in the list of peers, by whose place it is named.
 *
 * @param profileName - Under which name a BFD profile goes on.
 */
export function convertPeer(
  peer: LegacyPeer,
  index: number,
  namespace: string,
  report: (finding: Finding) => void,
  profileName: (profile: string, field: string) => string,
): Converted {
  const origin = `peers[${index}]`;
  const profile = peer['bfd-profile'] ?? '';
  const holdTime = wholeSeconds(peer['hold-time'] || DEFAULT_HOLD_TIME, `${origin}.hold-time`, 'hold time', report);
  if (holdTime !== 0n && holdTime < 3n * SECOND) {
    report({
      field: `${origin}.hold-time`,
      value: peer['hold-time'],
      code: 'ERR_CONFIG_INVALID_VALUE',
      message: `invalid hold time ${JSON.stringify(peer['hold-time'])}: must be 0 or >=3s`,
      remedy: 'write 0s, or 3s and more',
    });
  }
  const keepaliveTime = peer['keepalive-time']
    ? wholeSeconds(peer['keepalive-time'], `${origin}.keepalive-time`, 'keepalive time', report)
    : undefined;
  const metadata = { name: `peer${index + 1}`, namespace };
  const named = { ...peer, 'bfd-profile': profile === '' ? '' : profileName(profile, `${origin}.bfd-profile`) };
  return { object: bgpPeer(named, metadata, holdTime, keepaliveTime), origin };
}

/** In nanoseconds; what is no whole second is cut off. */
function wholeSeconds(text: string, field: string, what: string, report: (finding: Finding) => void): bigint {
  const duration = parseGoDuration(text);
  if (!duration.ok) {
    report({
      field,
      value: text,
      code: 'ERR_CONFIG_INVALID_VALUE',
      message: `invalid ${what} ${JSON.stringify(text.slice(0, 256))}: ${duration.message}`,
      remedy: 'write a number with its unit, such as 90s or 1m30s',
    });
    return 0n;
  }
  return (duration.nanoseconds / SECOND) * SECOND;
}

function* bgpAdvertisements(pools: readonly NamedPart<LegacyAddressPool>[], namespace: string): Generator<Converted> {
  let count = 0;
  const metadata = (): { name: string; namespace: string } => ({ name: `bgpadvertisement${++count}`, namespace });
  for (const { part, name, origin } of pools) {
    const advertisements = part['bgp-advertisements'] ?? [];
    for (const [i, advertisement] of advertisements.entries()) {
      yield {
        object: bgpAdvertisement(advertisement ?? {}, name, metadata()),
        origin: `${origin}.bgp-advertisements[${i}]`,
      };
    }
    if (advertisements.length === 0 && part.protocol === 'bgp') {
      yield { object: bgpAdvertisement({}, name, metadata()), origin };
    }
  }
}

function l2Advertisements(
  pools: readonly NamedPart<LegacyAddressPool>[],
  namespace: string,
  report: (finding: Finding) => void,
): readonly Converted[] {
  for (const { part, origin } of pools) {
    warnOfProtocol(part, origin, report);
  }
  return pools
    .filter(({ part }) => part.protocol === 'layer2')
    .map(({ name, origin }, i) => ({
      object: l2Advertisement(name, { name: `l2advertisement${i + 1}`, namespace }),
      origin,
    }));
}

/** MetalLB's converter takes any protocol, and MetalLB 0.12 refused what is warned of here. */
function warnOfProtocol(pool: LegacyAddressPool, origin: string, report: (finding: Finding) => void): void {
  const { protocol = '' } = pool;
  const advertisements = pool['bgp-advertisements']?.length ?? 0;
  if (protocol === 'bgp' || (protocol === 'layer2' && advertisements === 0)) {
    return;
  }
  const said = protocol === '' ? 'no protocol' : `unknown protocol ${JSON.stringify(protocol.slice(0, 64))}`;
  report({
    severity: 'warning',
    field: `${origin}.protocol`,
    value: protocol,
    code: protocol === 'layer2' ? 'ERR_CONFIG_EXCLUSIVE' : 'ERR_CONFIG_UNKNOWN_PROTOCOL',
    message:
      protocol === 'layer2'
        ? 'a layer2 pool with bgp-advertisements: the pool is announced by both'
        : advertisements === 0
          ? `${said}: the pool gets no advertisement, and its addresses are not announced`
          : `${said}: the pool is announced by BGP only, because it has bgp-advertisements`,
    remedy: protocol === 'layer2' ? 'remove bgp-advertisements, or keep both' : 'write layer2 or bgp',
  });
}
