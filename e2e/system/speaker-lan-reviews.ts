import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { MemoryApi } from '@steelyard/testkit';

/** The in-memory API, with the two reviews that decide who may read metrics: it trusts whoever shows its own token. */
export interface ReviewingApi extends AsyncDisposable {
  readonly url: string;
  readonly kubeconfigPath: string;
}

export async function openReviewingApi(api: MemoryApi): Promise<ReviewingApi> {
  const behind = new URL(api.url);
  const server = createServer((asked, answer) => {
    asked.on('error', () => answer.destroy());
    answer.on('error', () => asked.destroy());
    const { method = 'GET', url: path = '/', headers } = asked;
    if (/\/(tokenreviews|subjectaccessreviews)$/.test(path)) {
      text(asked).then(
        (body) => {
          const { spec } = JSON.parse(body) as { spec: { token?: string } };
          const authenticated = spec.token === api.token;
          const status = 'token' in spec ? { authenticated, user: { username: 'prometheus' } } : { allowed: true };
          answer.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify({ status }));
        },
        () => answer.destroy(),
      );
      return;
    }
    const passedOn = request({ host: behind.hostname, port: behind.port, method, path, headers }, (answered) => {
      answer.writeHead(answered.statusCode ?? 502, answered.headers);
      answer.flushHeaders(); // of a watch that has nothing to say yet
      answered.pipe(answer);
      answered.on('error', () => answer.destroy());
    });
    passedOn.on('error', () => answer.destroy());
    answer.on('close', () => passedOn.destroy());
    asked.pipe(passedOn);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const folder = await mkdtemp(join(tmpdir(), 'steelyard-reviews-'));
  const kubeconfigPath = join(folder, 'kubeconfig');
  await writeFile(kubeconfigPath, api.kubeconfig.replaceAll(api.url, url), { mode: 0o600 });
  return {
    url,
    kubeconfigPath,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
