import type { KubeClient } from '../client/kube-client.ts';

/** Who a token belongs to, as the API server says (`authentication.k8s.io/v1` UserInfo). */
export interface AuthenticatedUser {
  readonly username: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** What somebody wants: a path outside the API's resources (`authorization.k8s.io/v1` NonResourceAttributes). */
export interface NonResourceRequest {
  readonly path: string;
  /** In lower case. */
  readonly verb: string;
}

const TOKEN_REVIEWS = '/apis/authentication.k8s.io/v1/tokenreviews';
const SUBJECT_ACCESS_REVIEWS = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
const MAX_ANSWER_OCTETS = 64 * 1024;
/** Prometheus waits 10 s for a scrape; two reviews and a second try have to fit in. */
const TIMEOUT_MS = 2_500;
/** Every authenticated user is in it (k8s.io/apiserver pkg/authentication/group), also where the answer leaves it out. */
const ALL_AUTHENTICATED = 'system:authenticated';

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

function readUser(user: unknown): AuthenticatedUser {
  const extra = field(user, 'extra');
  const groups = texts(field(user, 'groups'));
  return {
    username: text(field(user, 'username')),
    uid: text(field(user, 'uid')),
    groups: groups.includes(ALL_AUTHENTICATED) ? groups : [...groups, ALL_AUTHENTICATED],
    extra:
      typeof extra === 'object' && extra !== null
        ? Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, texts(values)]))
        : {},
  };
}

/** Asks whose token it is; undefined when it is nobody's. Rejects with what the client rejects with. */
export async function reviewToken(client: KubeClient, token: string): Promise<AuthenticatedUser | undefined> {
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } };
  const { body } = await client.request('POST', TOKEN_REVIEWS, {
    body: review,
    timeoutMs: TIMEOUT_MS,
    maxBodyOctets: MAX_ANSWER_OCTETS,
  });
  const status = field(body, 'status');
  if (field(status, 'authenticated') !== true) return undefined;
  const user = readUser(field(status, 'user'));
  return user.username === '' ? undefined : user;
}

/** Asks whether the user may; a denial by no authorizer in particular is one, too. */
export async function reviewAccess(
  client: KubeClient,
  user: AuthenticatedUser,
  nonResourceAttributes: NonResourceRequest,
): Promise<boolean> {
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: { user: user.username, uid: user.uid, groups: user.groups, extra: user.extra, nonResourceAttributes },
  };
  const { body } = await client.request('POST', SUBJECT_ACCESS_REVIEWS, {
    body: review,
    timeoutMs: TIMEOUT_MS,
    maxBodyOctets: MAX_ANSWER_OCTETS,
  });
  const status = field(body, 'status');
  return field(status, 'allowed') === true && field(status, 'denied') !== true;
}
