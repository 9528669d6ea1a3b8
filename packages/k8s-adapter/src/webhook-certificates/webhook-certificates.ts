import { setTimeout as wait } from 'node:timers/promises';
import { inspectServingCertificate } from '@steelyard/serving-certificates';
import { ApiError } from '../client/api-error.ts';
import { startListWatch } from '../list-watch/list-watch.ts';
import { metadataOf } from '../list-watch/watch-event.ts';
import { callBack } from '../uncaught.ts';
import { keepCaBundle } from './ca-bundle-keeper.ts';
import { conversionTarget, webhookConfigurationTarget } from './ca-bundle-target.ts';
import type { CertificateSecret, WebhookCertificates } from './certificate-secret.ts';
import { issueCertificates } from './issue-certificates.ts';
import { type Judgement, judgeCertificates } from './judge-certificates.ts';
import type { CertificateSource, WebhookCertificatesOptions, WebhookCertificatesTiming } from './options.ts';
import { createPace } from './pace.ts';
import {
  caBundleFor,
  type RotationEvent,
  type RotationState,
  type ServedCertificates,
  stepRotation,
} from './rotation.ts';
import { openCertificateStore, type SecretReading } from './stored-certificates.ts';

const DEFAULT_TIMING: WebhookCertificatesTiming = {
  checkIntervalMs: 60 * 60 * 1000,
  settleMs: 10_000,
  recreateAfterMs: 30_000,
};
const RETRY_PACE = { minMs: 250, maxMs: 60_000, quietMs: 120_000 };
/** Making certificates costs a second of CPU and makes others follow: if it does not help, more of it will not. */
const ISSUE_PACE = { minMs: 5_000, maxMs: 10 * 60_000, quietMs: 20 * 60_000 };
const CLOCK_SKEW_WORTH_TELLING_MS = 5 * 60_000;

/**
 * Keeps the certificate of the webhooks, as MetalLB's cert-controller does: in a Secret, so that all controllers show the same;
 * made when missing or near its end; its authority filled in where the API server looks for it. Nothing is written to a file.
 *
 * Time is the API server's, which verifies: a clock of ours that jumps makes nothing expire.
 */
export function startWebhookCertificates(options: WebhookCertificatesOptions): CertificateSource {
  const { client, namespace, logger } = options;
  const secretName = options.secretName ?? 'metallb-webhook-cert';
  const dnsName = `${options.serviceName ?? 'metallb-webhook-service'}.${namespace}.svc`;
  const timing = { ...DEFAULT_TIMING, ...options.timing };
  const nowMs = options.nowMs ?? Date.now;
  const stopped = new AbortController();
  const { signal } = stopped;
  const store = openCertificateStore(client, { namespace, secretName, signal });
  const retryPace = createPace(RETRY_PACE);
  const issuePace = createPace(ISSUE_PACE);
  let state: RotationState = { name: 'empty' };
  let because = 'no webhook certificate is served yet';
  let told = '';
  let skewTold = false;
  let running: Promise<void> | undefined;
  let again = false;
  let checkTimer: NodeJS.Timeout | undefined;
  let settleTimer: NodeJS.Timeout | undefined;

  const watchTiming = options.watchTiming === undefined ? {} : { timing: options.watchTiming };
  const keepers = [
    webhookConfigurationTarget(options.webhookConfigurationName ?? 'metallb-webhook-configuration'),
    conversionTarget(options.conversionCrdName ?? 'bgppeers.metallb.io'),
  ].map((target) => keepCaBundle({ client, target, onProgress, logger, ...watchTiming }));

  // Only that it has changed: what it holds is read when it is needed, and not kept here.
  const watch = startListWatch<string>({
    client,
    path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets`,
    fieldSelector: `metadata.name=${secretName}`,
    project: (object) => {
      const resourceVersion = metadataOf(object)?.['resourceVersion'];
      return typeof resourceVersion === 'string' ? resourceVersion : undefined;
    },
    onUpsert: check,
    onDelete: check,
    logger,
    ...watchTiming,
  });
  check();

  function advance(event: RotationEvent): void {
    const step = stepRotation(state, event);
    state = step.state;
    for (const effect of step.effects) {
      switch (effect.type) {
        case 'serve':
          logger.info({ op: 'webhookCertificate', secretName }, 'webhook certificate is served');
          callBack(() => options.onCertificate(effect.pair));
          break;
        case 'startSettling':
          clearTimeout(settleTimer);
          settleTimer = setTimeout(() => advance({ type: 'settled' }), timing.settleMs);
          break;
        case 'stopSettling':
          clearTimeout(settleTimer);
          break;
      }
    }
    const bundle = caBundleFor(state);
    if (bundle !== undefined) for (const keeper of keepers) keeper.keep(bundle);
    onProgress();
  }

  function onProgress(): void {
    if (state.name !== 'introducing' || signal.aborted) return;
    const progresses = keepers.map((keeper) => keeper.progress);
    if (progresses.some(({ name }) => name === 'unknown' || name === 'wrong')) return;
    const beside = progresses.every((progress) => progress.name !== 'right' || progress.exactly);
    if (!state.known || !beside) advance({ type: 'authorityKnown', beside });
  }

  /** Looks, or looks once more after the look that is under way. */
  function check(): void {
    if (signal.aborted) return;
    again = true;
    running ??= run().finally(() => {
      running = undefined;
    });
  }

  async function run(): Promise<void> {
    while (again && !signal.aborted) {
      again = false;
      clearTimeout(checkTimer);
      let nextMs = timing.checkIntervalMs;
      try {
        const waitMs = await lookOnce();
        if (waitMs !== undefined) nextMs = waitMs;
      } catch (error) {
        if (signal.aborted) return;
        nextMs = Math.max(RETRY_PACE.minMs, retryPace.nextMs());
        tellFailure(error, nextMs);
      }
      checkTimer = setTimeout(check, nextMs);
    }
  }

  function tellFailure(error: unknown, retryInMs: number): void {
    const text = error instanceof Error ? error.message : String(error);
    const forbidden = error instanceof ApiError && error.httpStatus === 403;
    because = `webhook certificate: ${text}`;
    if (told === text) return;
    told = text;
    const rule = `verbs [get, list, watch, create, patch] on secrets in ${namespace}`;
    const pairs = { op: 'webhookCertificate', secretName, error, retryInMs, ...(forbidden ? { rule } : {}) };
    if (forbidden) logger.error(pairs, 'a rule is missing for the webhook certificate');
    else logger.error(pairs, 'webhook certificate cannot be kept, what is served goes on');
  }

  /** The API server's clock, if it says; a difference is told, since other programs on this machine go by ours. */
  function timeOf({ serverTimeMs }: SecretReading): number {
    const ours = nowMs();
    if (serverTimeMs === undefined) return ours;
    const skewMs = ours - serverTimeMs;
    const skewed = Math.abs(skewMs) > CLOCK_SKEW_WORTH_TELLING_MS;
    if (skewed && !skewTold) {
      logger.warn({ op: 'webhookCertificate', skewMs }, 'the clock here differs from the API server’s, which counts');
    }
    skewTold = skewed;
    return serverTimeMs;
  }

  interface Look extends Judgement {
    readonly secret: CertificateSecret | undefined;
    readonly atMs: number;
  }

  async function look(): Promise<Look> {
    const reading = await store.read();
    const atMs = timeOf(reading);
    const stored = reading.secret?.stored ?? { authority: undefined, serving: undefined };
    const judgement = judgeCertificates(stored, dnsName, atMs);
    return { ...judgement, secret: reading.secret, atMs };
  }

  /** Reads, judges, renews where needed, and takes what there is. Returns when to look again, if sooner than usual. */
  async function lookOnce(): Promise<number | undefined> {
    let now = await look();
    if (isRenewable(now)) {
      if (now.usable !== undefined && state.name === 'empty') take(now.usable, now.atMs); // rather that than nothing
      const deleted = now.secret === undefined && isCurrentValid(now.atMs);
      const waitMs = Math.max(issuePace.nextMs(), deleted ? timing.recreateAfterMs : 0);
      if (waitMs > 0) {
        await wait(waitMs, undefined, { signal });
        now = await look(); // it may be good by now
      }
    }
    if (!isRenewable(now)) {
      if (now.usable !== undefined) take(now.usable, now.atMs);
      told = '';
      return undefined;
    }
    const { secret, renew, reason, atMs } = now;
    const fresh = await issueCertificates(renew === 'serving' ? secret?.stored.authority : undefined, dnsName, atMs);
    if (signal.aborted) return undefined;
    if ((await store.write(fresh, secret)) === 'lost') return 0; // to another controller: what it made is as good
    logger.info({ op: 'webhookCertificate', secretName, renew, reason }, 'webhook certificate made');
    take(fresh, atMs);
    told = '';
    return undefined;
  }

  function isRenewable({ renew, secret }: Look): boolean {
    return renew !== 'nothing' && secret?.deleting !== true;
  }

  function take({ authority, serving }: WebhookCertificates, atMs: number): void {
    const certificates: ServedCertificates = { authorityPem: authority.certificatePem, serving };
    advance({ type: 'certificatesRead', certificates, currentValid: isCurrentValid(atMs) });
  }

  function isCurrentValid(atMs: number): boolean {
    if (state.name === 'empty') return false;
    const { authorityPem, serving } = state.current;
    // Its authority's key is not at hand any more, and not needed: only whether what it issued is still good.
    const inspected = inspectServingCertificate({ pair: serving, authorityPem, dnsName, at: new Date(atMs) });
    return inspected.ok;
  }

  return {
    get readiness(): CertificateSource['readiness'] {
      return state.name === 'empty' ? { ready: false, because } : { ready: true };
    },
    async stop() {
      stopped.abort();
      clearTimeout(checkTimer);
      clearTimeout(settleTimer);
      await Promise.all([watch.stop(), ...keepers.map((keeper) => keeper.stop()), running]);
      clearTimeout(checkTimer);
    },
  };
}
