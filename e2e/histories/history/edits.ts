import { ADDRESS_POOL, ALLOW_SHARED_IP, FROM_POOL, LOAD_BALANCER_IPS, type StoredService } from '../world/objects.ts';

/** What an edit may be the reason for. */
export type Touch =
  /** It shares otherwise than before: where others have its address, one of them may lose it. */
  | 'sharing'
  /** It asks for something: it may move, and may not be left with nothing. */
  | 'request'
  /** It is another kind of Service than before. */
  | 'kind'
  /** Somebody wrote what only a controller should. */
  | 'status';

export interface Edit {
  readonly touches: Touch | undefined;
  apply(draft: StoredService): void;
}

const CLUSTER_IPS: Readonly<Record<string, string>> = { 4: '10.96.0.10', 6: 'fd00:96::10' };

/** Sets the families of a Service's cluster IPs: `4`, `6`, `46` or `64`. */
export function setFamilies(draft: StoredService, families: string): void {
  const clusterIPs = [...families].map((family) => CLUSTER_IPS[family] ?? '');
  draft.spec.clusterIPs = clusterIPs;
  draft.spec.clusterIP = clusterIPs[0] ?? '';
  draft.spec.ipFamilies = [...families].map((family) => `IPv${family}`);
}

function edit(touches: Touch | undefined, apply: (draft: StoredService) => void): Edit {
  return { touches, apply };
}

function annotate(touches: Touch | undefined, name: string, value: string | undefined): Edit {
  return edit(touches, ({ metadata }) => {
    if (value === undefined) delete metadata.annotations[name];
    else metadata.annotations[name] = value;
  });
}

function ports(...wanted: readonly string[]): Edit {
  return edit('sharing', ({ spec }) => {
    spec.ports = wanted.map((text) => ({ protocol: text.slice(0, 3), port: Number(text.slice(3)) }));
  });
}

function become(change: (spec: StoredService['spec']) => void): Edit {
  return edit('kind', ({ spec }) => change(spec));
}

function show(...ingress: readonly string[]): Edit {
  return edit('status', (draft) => {
    draft.status = { loadBalancer: ingress.length === 0 ? {} : { ingress: ingress.map((ip) => ({ ip })) } };
  });
}

/** What people do to Services, by the words that a failing history is told in. */
export const EDITS: Readonly<Record<string, Edit>> = {
  'add an annotation of somebody else': edit(undefined, ({ metadata }) => {
    metadata.annotations['example.org/seen'] = metadata.resourceVersion;
  }),
  'share as k': annotate('sharing', ALLOW_SHARED_IP, 'k'),
  'share as l': annotate('sharing', ALLOW_SHARED_IP, 'l'),
  'share no more': annotate('sharing', ALLOW_SHARED_IP, undefined),
  'serve TCP 80': ports('TCP80'),
  'serve TCP 81': ports('TCP81'),
  'serve UDP 80 and TCP 443': ports('UDP80', 'TCP443'),
  'go local': edit('sharing', ({ spec }) => {
    spec.externalTrafficPolicy = 'Local';
  }),
  'go cluster': edit('sharing', ({ spec }) => {
    spec.externalTrafficPolicy = 'Cluster';
  }),
  'select others': edit('sharing', ({ spec }) => {
    spec.selector = { app: spec.selector['app'] === 'x' ? 'y' : 'x' };
  }),
  'ask for pool p': annotate('request', ADDRESS_POOL, 'p'),
  'ask for pool q': annotate('request', ADDRESS_POOL, 'q'),
  'ask for no pool': annotate('request', ADDRESS_POOL, undefined),
  'ask for 192.0.2.1': annotate('request', LOAD_BALANCER_IPS, '192.0.2.1'),
  'ask for 192.0.2.3': annotate('request', LOAD_BALANCER_IPS, '192.0.2.3'),
  'ask for two': annotate('request', LOAD_BALANCER_IPS, '192.0.2.2,2001:db8::1'),
  'ask for garbage': annotate('request', LOAD_BALANCER_IPS, 'garbage'),
  'ask for nothing': edit('request', ({ metadata, spec }) => {
    delete metadata.annotations[LOAD_BALANCER_IPS];
    delete spec.loadBalancerIP;
  }),
  'ask by spec for 192.0.2.0': edit('request', ({ spec }) => {
    spec.loadBalancerIP = '192.0.2.0';
  }),
  'become a ClusterIP': become((spec) => {
    spec.type = 'ClusterIP';
  }),
  'become a LoadBalancer': become((spec) => {
    spec.type = 'LoadBalancer';
  }),
  'take another class': become((spec) => {
    if (spec.type === 'LoadBalancer') spec.loadBalancerClass = 'example.org/other';
  }),
  'take no class': become((spec) => {
    delete spec.loadBalancerClass;
  }),
  'require two families': become((spec) => {
    spec.ipFamilyPolicy = 'RequireDualStack';
  }),
  'prefer two families': become((spec) => {
    spec.ipFamilyPolicy = 'PreferDualStack';
  }),
  'be of IPv4': edit('kind', (draft) => setFamilies(draft, '4')),
  'be of both families': edit('kind', (draft) => setFamilies(draft, '46')),
  'wear the label': edit('kind', ({ metadata }) => {
    metadata.labels = { app: 'x' };
  }),
  'wear no label': edit('kind', ({ metadata }) => {
    metadata.labels = {};
  }),
  'show nothing': show(),
  'show 192.0.2.1': show('192.0.2.1'),
  'show 192.0.2.4': show('192.0.2.4'),
  'show a stranger': show('10.0.0.1'),
  'show two': show('192.0.2.3', '2001:db8::1'),
  'name no pool': annotate('status', FROM_POOL, undefined),
  'name pool q': annotate('status', FROM_POOL, 'q'),
};
