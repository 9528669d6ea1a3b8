import {
  createMetrics,
  defineConfigurationMetrics,
  defineRestClientMetrics,
  startMetricsServer,
} from '@steelyard/daemon/metrics';
import { createTokenReviewer } from '@steelyard/k8s-adapter';
import type { Registry } from 'prom-client';
import { defineAnnouncedMetric } from './announced-metric.ts';
import { defineBgpMetrics } from './bgp-metrics.ts';
import { defineLayer2Metrics } from './layer2-metrics.ts';
import type { MetricsSources, SpeakerMetrics } from './speaker-metrics.ts';
import { defineWireMetrics } from './wire-metrics.ts';

/** The speaker's metrics: MetalLB's, client-go's, those of the process, and our own. */
export function defineSpeakerMetrics(sources: MetricsSources): SpeakerMetrics & { readonly registry: Registry } {
  const registry = createMetrics({ program: 'speaker' });
  const responses = defineRestClientMetrics(registry);
  const configuration = defineConfigurationMetrics(registry);
  defineAnnouncedMetric(registry, sources);
  defineLayer2Metrics(registry, sources);
  defineBgpMetrics(registry, sources);
  defineWireMetrics(registry, sources);
  return {
    registry,
    configuration,
    countResponse: ({ code, method, host }) => responses.inc({ code, method, host }),
    serve(client, { port, certificateDirectory, tls, plainHttp }, logger) {
      const reviewer = createTokenReviewer({ client, logger });
      return startMetricsServer({
        host: '',
        port,
        registry,
        authorize: (header, request) => reviewer.authorize(header, request),
        certificate: certificateDirectory === '' ? 'self-signed' : { directory: certificateDirectory },
        tls,
        plainHttp,
        logger,
      });
    },
  };
}
