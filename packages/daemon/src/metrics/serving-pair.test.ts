import { X509Certificate } from 'node:crypto';
import { afterEach, expect, test, vi } from 'vitest';
import { createLogger } from '../log/logger.ts';
import { openServingPair, type ServingPair } from './serving-pair.ts';

const DAY_MS = 86_400_000;
let pair: ServingPair | undefined;
afterEach(() => pair?.close());

test('a self-signed certificate is renewed a month before it ends, and not before', async () => {
  let nowMs = Date.UTC(2026, 0, 1);
  const changes: string[] = [];
  pair = await openServingPair({
    source: 'self-signed',
    logger: createLogger({ level: 'none' }),
    onChange: ({ certificatePem }) => changes.push(new X509Certificate(certificatePem).validTo),
    nowMs: () => nowMs,
    checkIntervalMs: 1,
  });
  const first = new X509Certificate(pair.current.certificatePem);
  expect(first.validToDate).toEqual(new Date(nowMs + 365 * DAY_MS));
  nowMs += 334 * DAY_MS;
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
  expect(changes).toEqual([]);
  nowMs += 2 * DAY_MS;
  await vi.waitFor(() => expect(changes.length).toBeGreaterThan(0), { timeout: 5_000, interval: 5 });
  expect(new X509Certificate(pair.current.certificatePem).validToDate).toEqual(new Date(nowMs + 365 * DAY_MS));
});
