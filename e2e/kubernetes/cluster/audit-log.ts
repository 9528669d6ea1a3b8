import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApiClient, waitUntil } from '@steelyard/testkit';

/** A request that the API server has answered. */
export interface AuditedRequest {
  /** `system:serviceaccount:metallb-system:controller`, or `admin`. */
  readonly user: string;
  readonly userAgent: string;
  /** Kubernetes' verb: `update`, `create`, `list`, `watch`, … */
  readonly verb: string;
  /** With its group, and its subresource: `services/status`, `ipaddresspools.metallb.io`. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly code: number;
}

/** Which requests count. What is left out may be anything. */
export interface AuditFilter {
  /** The ServiceAccount in `metallb-system`; `admin` for the test itself. */
  readonly account?: string;
  readonly verbs?: readonly string[];
  readonly resource?: string;
  readonly name?: string;
  /** What {@link AuditLog.mark} gave: older ones do not count. */
  readonly since?: number;
}

/**
 * What the API server was asked, by its own account: its audit log, in which each request is one line, written before
 * the request's end. Kubernetes' own controllers are left out. A watch is told when it ends.
 */
export interface AuditLog {
  /** For `openRealControlPlane({ apiServerFlags })`. */
  readonly apiServerFlags: readonly string[];
  /** All that was asked and answered before this call. */
  requests(filter?: AuditFilter): Promise<readonly AuditedRequest[]>;
  /** How often each kind of write was asked for: `update services/status` → 3, and `update services/status 409` → 1. */
  writes(filter?: AuditFilter): Promise<Readonly<Record<string, number>>>;
  /** From here on, for {@link AuditFilter.since}. */
  mark(): Promise<number>;
  /** Says by whom the log's end can be found. */
  attach(administrator: ApiClient): void;
  close(): Promise<void>;
}

export const WRITES: readonly string[] = ['create', 'update', 'patch', 'delete', 'deletecollection'];

const POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived', 'ResponseStarted'],
  rules: [
    { level: 'None', users: ['system:apiserver', 'system:kube-controller-manager', 'system:kube-scheduler'] },
    { level: 'None', userGroups: ['system:serviceaccounts:kube-system', 'system:unauthenticated'] },
    { level: 'None', nonResourceURLs: ['*'] },
    { level: 'Metadata' },
  ],
};

/** Makes the policy and the place of the log, before the API server is started. */
export async function openAuditLog(): Promise<AuditLog> {
  const folder = await mkdtemp(join(tmpdir(), 'audit-'));
  const policy = join(folder, 'policy.json');
  const path = join(folder, 'audit.log');
  await writeFile(policy, JSON.stringify(POLICY));
  let administrator: ApiClient | undefined;
  let marks = 0;

  const all = async (): Promise<readonly AuditedRequest[]> => {
    const text = await readFile(path, 'utf8').catch(() => '');
    return text.split('\n').flatMap(requestOf);
  };
  /** Asks for something that is not there, and reads until that stands in the log: then so does all before. */
  const untilNow = async (): Promise<readonly AuditedRequest[]> => {
    if (administrator === undefined) throw new Error('the audit log is not attached');
    marks += 1;
    const name = `end-of-audit-${marks}`;
    await administrator.get(`/api/v1/namespaces/default/configmaps/${name}`).catch(() => undefined);
    return waitUntil(`${name} in the audit log`, async () => {
      const requests = await all();
      return requests.some((request) => request.name === name) ? requests : undefined;
    });
  };
  const requests = async (filter: AuditFilter = {}): Promise<readonly AuditedRequest[]> =>
    (await untilNow()).slice(filter.since ?? 0).filter((request) => matches(request, filter));
  return {
    apiServerFlags: [`--audit-policy-file=${policy}`, `--audit-log-path=${path}`, '--audit-log-maxsize=4096'],
    requests,
    async writes(filter = {}) {
      const counts: Record<string, number> = {};
      for (const { verb, resource, code } of await requests({ verbs: WRITES, ...filter })) {
        const kind = `${verb} ${resource}${code < 300 ? '' : ` ${code}`}`;
        counts[kind] = (counts[kind] ?? 0) + 1;
      }
      return counts;
    },
    mark: async () => (await untilNow()).length,
    attach(client) {
      administrator = client;
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

function matches(request: AuditedRequest, { account, verbs, resource, name }: AuditFilter): boolean {
  const user =
    account === undefined || account === 'admin' ? account : `system:serviceaccount:metallb-system:${account}`;
  return (
    (user === undefined || request.user === user) &&
    (verbs === undefined || verbs.includes(request.verb)) &&
    (resource === undefined || request.resource === resource) &&
    (name === undefined || request.name === name)
  );
}

interface AuditLine {
  readonly verb?: string;
  readonly userAgent?: string;
  readonly user?: { readonly username?: string };
  readonly objectRef?: Readonly<
    Record<'resource' | 'apiGroup' | 'subresource' | 'namespace' | 'name', string | undefined>
  >;
  readonly responseStatus?: { readonly code?: number };
}

function requestOf(line: string): readonly AuditedRequest[] {
  let parsed: AuditLine;
  try {
    parsed = JSON.parse(line) as AuditLine;
  } catch {
    return []; // the last line, half written; or one in the middle of which the API server was killed
  }
  const { verb = '', userAgent = '', user, objectRef, responseStatus } = parsed;
  const { resource = '', apiGroup, subresource, namespace = '', name = '' } = objectRef ?? {};
  return [
    {
      user: user?.username ?? '',
      userAgent,
      verb,
      resource: `${resource}${apiGroup === undefined ? '' : `.${apiGroup}`}${subresource === undefined ? '' : `/${subresource}`}`,
      namespace,
      name,
      code: responseStatus?.code ?? 0,
    },
  ];
}
