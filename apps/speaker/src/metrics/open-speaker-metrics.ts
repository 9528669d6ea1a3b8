import type { MetricsSettings, MetricsSources, SpeakerMetrics } from './speaker-metrics.ts';

// Nothing here is loaded but types: a speaker that serves no metrics does not pay 2 MB for the library that makes them.

/** Defines the speaker's metrics; undefined where nobody is to see them, and then nothing of what makes them is loaded. */
export async function openSpeakerMetrics(
  { port }: Pick<MetricsSettings, 'port'>,
  sources: MetricsSources,
): Promise<SpeakerMetrics | undefined> {
  if (port === 0) return undefined;
  const { defineSpeakerMetrics } = await import('./metrics-registry.ts');
  return defineSpeakerMetrics(sources);
}
