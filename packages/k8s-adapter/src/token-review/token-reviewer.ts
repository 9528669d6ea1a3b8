import { createHash } from 'node:crypto';
import { isApiError } from '../client/api-error.ts';
import type { KubeClient } from '../client/kube-client.ts';
import type { AdapterLogger } from '../logger.ts';
import { createAdmission } from './admission.ts';
import { parseBearerToken } from './bearer-token.ts';
import { createExpiringMap } from './expiring-map.ts';
import { type AuthenticatedUser, type NonResourceRequest, reviewAccess, reviewToken } from './reviews.ts';

export type TokenReviewOutcome =
  | { readonly outcome: 'allowed'; readonly username: string }
  /** No token, or nobody's: 401. */
  | { readonly outcome: 'unauthenticated' }
  /** 403; the reason names the rule that the user lacks. */
  | { readonly outcome: 'forbidden'; readonly username: string; readonly reason: string }
  /** It could not be found out: 500. */
  | { readonly outcome: 'error'; readonly reason: string };

export interface TokenReviewer {
  /** Says whether the bearer of this `Authorization` header may. Never rejects. */
  authorize(authorizationHeader: string | undefined, request: NonResourceRequest): Promise<TokenReviewOutcome>;
}

export interface TokenReviewerOptions {
  readonly client: KubeClient;
  readonly logger: AdapterLogger;
  readonly nowMs?: () => number;
  /** Tokens, and decisions, remembered. By default 1,000. */
  readonly maxEntries?: number;
}

// What controller-runtime sets for the API server's delegating library (pkg/metrics/filters/filters.go).
const AUTHENTICATED_FOR_MS = 60_000;
const ALLOWED_FOR_MS = 300_000;
const DENIED_FOR_MS = 30_000;
// It remembers no failed authentication. Ours does for a moment, so that a scraper with an old token is one review in ten seconds.
const UNAUTHENTICATED_FOR_MS = 10_000;
const MISSING_RULE_AGAIN_MS = 600_000;
const MAX_ENTRIES = 1_000;

/** A 403 on a review is our own lack of a rule, which an administrator has to grant (metallb-behaviour 7.4: plain manifests do not). */
function missingRule(error: unknown): { readonly apiGroup: string; readonly resource: string } | undefined {
  if (!isApiError(error) || error.code !== 'ERR_K8S_FORBIDDEN') return undefined;
  return error.message.includes('tokenreviews')
    ? { apiGroup: 'authentication.k8s.io', resource: 'tokenreviews' }
    : { apiGroup: 'authorization.k8s.io', resource: 'subjectaccessreviews' };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

/** Both reviews are questions: to ask them again changes nothing. */
async function twice<Value>(review: () => Promise<Value>): Promise<Value> {
  try {
    return await review();
  } catch (error) {
    if (!isApiError(error) || (error.code !== 'ERR_K8S_CONNECTION' && error.code !== 'ERR_K8S_SERVER')) throw error;
    return review();
  }
}

/**
 * Asks the API server who somebody is (TokenReview) and what he may (SubjectAccessReview), and remembers the answers as long
 * as Go's delegating authentication does. A token is remembered by its SHA-256 only, never logged, and sent nowhere else.
 */
export function createTokenReviewer(options: TokenReviewerOptions): TokenReviewer {
  const { client, logger, nowMs = () => performance.now(), maxEntries = MAX_ENTRIES } = options;
  const users = createExpiringMap<AuthenticatedUser>(maxEntries);
  const nobodies = createExpiringMap<true>(maxEntries); // apart, so that a flood of them pushes no user out
  const decisions = createExpiringMap<boolean>(maxEntries);
  const underWay = new Map<string, Promise<TokenReviewOutcome>>();
  const admission = createAdmission(nowMs);
  let ruleToldAtMs = Number.NEGATIVE_INFINITY;

  async function authenticate(tokenHash: string, token: string): Promise<AuthenticatedUser | undefined> {
    const remembered = users.get(tokenHash, nowMs());
    if (remembered !== undefined) return remembered;
    if (nobodies.get(tokenHash, nowMs())) return undefined;
    const known = users.recall(tokenHash) !== undefined;
    const user = await admission.run(known, () => twice(() => reviewToken(client, token)));
    if (user === undefined) {
      users.delete(tokenHash);
      nobodies.set(tokenHash, true, nowMs() + UNAUTHENTICATED_FOR_MS);
    } else {
      users.set(tokenHash, user, nowMs() + AUTHENTICATED_FOR_MS);
    }
    return user;
  }

  async function mayUser(user: AuthenticatedUser, request: NonResourceRequest): Promise<boolean> {
    const key = sha256(JSON.stringify([user, request]));
    const remembered = decisions.get(key, nowMs());
    if (remembered !== undefined) return remembered;
    const allowed = await admission.run(true, () => twice(() => reviewAccess(client, user, request)));
    decisions.set(key, allowed, nowMs() + (allowed ? ALLOWED_FOR_MS : DENIED_FOR_MS));
    return allowed;
  }

  function explain(error: unknown): string {
    const rule = missingRule(error);
    if (rule === undefined) return error instanceof Error ? error.message : String(error);
    const { apiGroup, resource } = rule;
    if (nowMs() - ruleToldAtMs >= MISSING_RULE_AGAIN_MS) {
      ruleToldAtMs = nowMs();
      const needed = { apiGroups: [apiGroup], resources: [resource], verbs: ['create'] };
      logger.error(
        { op: 'tokenReview', rule: needed, error },
        'nobody can be let in to the metrics: the ClusterRole of this ServiceAccount lacks a rule',
      );
    }
    return `this ServiceAccount may not create ${resource}.${apiGroup}`;
  }

  async function review(tokenHash: string, token: string, request: NonResourceRequest): Promise<TokenReviewOutcome> {
    try {
      const user = await authenticate(tokenHash, token);
      if (user === undefined) return { outcome: 'unauthenticated' };
      const { username } = user;
      if (await mayUser(user, request)) return { outcome: 'allowed', username };
      const { path, verb } = request;
      const reason = `User ${JSON.stringify(username)} needs a ClusterRole with nonResourceURLs [${JSON.stringify(path)}], verbs [${JSON.stringify(verb)}]`;
      return { outcome: 'forbidden', username, reason };
    } catch (error) {
      return { outcome: 'error', reason: explain(error) };
    }
  }

  return {
    authorize(authorizationHeader, request) {
      const token = parseBearerToken(authorizationHeader);
      if (token === undefined) return Promise.resolve({ outcome: 'unauthenticated' });
      const tokenHash = sha256(token);
      const question = JSON.stringify([tokenHash, request.path, request.verb]);
      const asked = underWay.get(question);
      if (asked !== undefined) return asked;
      const reviewed = review(tokenHash, token, request).finally(() => underWay.delete(question));
      underWay.set(question, reviewed);
      return reviewed;
    },
  };
}
