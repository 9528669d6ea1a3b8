import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type HealthServer, type Readiness, startHealthServer } from './health-server.ts';

const open: HealthServer[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

let readiness: Readiness = { ready: true };
async function start(): Promise<HealthServer> {
  const server = await startHealthServer({
    host: '127.0.0.1',
    port: 0,
    flag: 'health-probe-port',
    ready: () => readiness,
  });
  open.push(server);
  return server;
}

/** Sends the text on a new connection and returns everything that comes back until the server hangs up. */
function exchange(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    let received = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      received += chunk;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(received));
  });
}

test('/healthz is a constant', async () => {
  const { port } = await start();
  readiness = { ready: false, because: 'caches are not synced' };
  const response = await fetch(`http://127.0.0.1:${port}/healthz?verbose`);
  expect([response.status, await response.text()]).toEqual([200, 'ok']);
});

test('/readyz is what the callback says, with the reason when it is not', async () => {
  const { port } = await start();
  readiness = { ready: false, because: 'caches are not synced' };
  let response = await fetch(`http://127.0.0.1:${port}/readyz`);
  expect([response.status, await response.text()]).toEqual([503, 'not ready: caches are not synced\n']);
  readiness = { ready: true };
  response = await fetch(`http://127.0.0.1:${port}/readyz`);
  expect([response.status, await response.text()]).toEqual([200, 'ok']);
});

describe('hostile clients', () => {
  test.for<[name: string, request: string, answer: RegExp]>([
    [
      'HEAD has no body',
      'HEAD /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      /^HTTP\/1.1 200 [\s\S]*\r\n\r\n$/,
    ],
    ['POST is refused', 'POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n', /^HTTP\/1.1 405 /],
    ['another path is not found', 'GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', /^HTTP\/1.1 404 /],
    ['a body ends the connection', 'GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n', /^HTTP\/1.1 200 /],
    ['noise is dropped', '\0\0\0\0garbage\r\n\r\n', /^$/],
    ['a header of 20 kB is dropped', `GET / HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, /^$/],
  ])('%s', async ([, request, answer]) => {
    const { port } = await start();
    expect(await exchange(port, request)).toMatch(answer);
  });

  test('idle connections by the hundred do not keep the kubelet out', async () => {
    const { port } = await start();
    const idle: Socket[] = [];
    for (let i = 0; i < 200; i++) {
      await new Promise<void>((resolve) => {
        const socket = connect(port, '127.0.0.1', resolve);
        socket.on('error', () => undefined);
        idle.push(socket);
      });
    }
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    for (const socket of idle) socket.destroy();
  });
});

test('a port in use names the flag that chose it', async () => {
  const { port } = await start();
  const second = startHealthServer({ host: '127.0.0.1', port, flag: 'health-probe-port', ready: () => readiness });
  await expect(second).rejects.toMatchObject({
    code: 'ERR_DAEMON_LISTEN',
    message: `cannot listen on 127.0.0.1:${port} (flag -health-probe-port): the port is in use; another instance may be running on this node`,
  });
});

test('closing twice is harmless and closes what is connected', async () => {
  const server = await start();
  const answer = exchange(server.port, 'GET /healthz HTTP/1.1\r\nHost: a\r\n'); // unfinished
  await new Promise((resolve) => setImmediate(resolve));
  await server.close();
  await server.close();
  expect(await answer).toBe('');
});
