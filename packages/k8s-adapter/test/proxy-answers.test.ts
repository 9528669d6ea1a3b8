import { expect, test } from 'vitest';
import { openKubeClient, watchConfiguration } from '../src/index.ts';
import { type Answer, failure, list, startScriptedApi, until, watch } from './scripted-api.ts';

const quick = { retryMinMs: 1, retryMaxMs: 4, slowRetryMinMs: 1, slowRetryMaxMs: 4 };
const silent = { debug() {}, info() {}, warn() {}, error() {} };

const goNotFound: Answer = (_request, response) => response.writeHead(404).end('404 page not found\n');
const defaultBackend: Answer = (_request, response) =>
  response.writeHead(404, { 'content-type': 'text/html' }).end('<html>default backend - 404</html>');
const empty: Answer = (request, response) => (request.query.has('watch') ? watch() : list('5', []))(request, response);

test.for<[name: string, ofMetalLbsKinds: Answer, ofAllOthers: Answer]>([
  ['the page of a proxy for everything', defaultBackend, defaultBackend],
  ['the page of a proxy for the kinds of metallb.io', defaultBackend, empty],
  ["the API server's own words, even for the kinds that it has", failure(404, 'NotFound'), failure(404, 'NotFound')],
  ["Go's words for everything, as a proxy written in Go has them", goNotFound, goNotFound],
])('no configuration comes of 404 in %s; the first comes of true lists', async ([_, ofMetalLbsKinds, ofAllOthers]) => {
  await using api = await startScriptedApi();
  await using client = await openKubeClient({ kubeconfigPath: api.kubeconfigPath, env: {} });
  api.otherwise((request, response) =>
    (request.path.startsWith('/apis/metallb.io/') ? ofMetalLbsKinds : ofAllOthers)(request, response),
  );
  const told: string[] = [];
  const configuration = watchConfiguration({
    client,
    namespace: 'metallb-system',
    legacyMode: 'auto',
    reader: 'controller',
    logger: silent,
    timing: quick,
    onConfiguration: ({ config }) => told.push(config.source),
  });
  try {
    await until(() => api.requests.length > 80); // each of the eight lists ten times
    expect([told, configuration.synced]).toEqual([[], false]);
    api.otherwise(empty);
    await until(() => told.length > 0);
    expect(told).toEqual(['none']);
  } finally {
    await configuration.stop();
  }
});
