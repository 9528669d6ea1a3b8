import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { type EndpointRoutes, openEndpointRoutes } from './endpoint-routes.ts';

const ENDPOINT = { address: '192.0.2.11', port: 9443 };

/** The configuration that an API server is started with. */
function configurationOf({ apiServerFlags }: EndpointRoutes): { readonly path: string; readonly proxyPath: string } {
  const path = apiServerFlags[0]?.split('=')[1] ?? '';
  const { egressSelections } = parse(readFileSync(path, 'utf8'));
  return { path, proxyPath: egressSelections[0].connection.transport.uds.udsName };
}

/** Dials as the API server does; gives the status, and the connection where it stands. */
async function dial(
  routes: EndpointRoutes,
  target = '192.0.2.11:9443',
): Promise<{ readonly status: number | undefined; readonly socket: Socket }> {
  const dialling = request({ socketPath: configurationOf(routes).proxyPath, method: 'CONNECT', path: target });
  const connected = once(dialling, 'connect');
  dialling.end();
  const [response, socket] = await connected;
  onTestFinished(() => socket.destroy());
  return { status: response.statusCode, socket };
}

/** Answers with what it was sent. */
async function openEcho(): Promise<{ readonly host: string; readonly port: number }> {
  const server = createServer((socket) => socket.pipe(socket));
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

test('an endpoint is what it leads to', async () => {
  await using routes = await openEndpointRoutes();
  routes.set(ENDPOINT, await openEcho());

  const { status, socket } = await dial(routes);
  socket.write('hello');

  expect(status).toBe(200);
  expect(String((await once(socket, 'data'))[0])).toBe('hello');
});

test('an endpoint that leads nowhere is refused, and remembered as dialled', async () => {
  await using routes = await openEndpointRoutes();
  routes.set({ address: '2001:db8::11', port: 9443 }, { path: '/nowhere/at/all' });

  expect((await dial(routes)).status).toBe(502);
  expect((await dial(routes, '[2001:db8::11]:9443')).status).toBe(502);
  expect(routes.dialled).toEqual(['192.0.2.11:9443', '[2001:db8::11]:9443']);
});

test('an endpoint that is taken away breaks what stands', async () => {
  await using routes = await openEndpointRoutes();
  routes.set(ENDPOINT, await openEcho());
  const { socket } = await dial(routes);
  socket.write('x');
  await once(socket, 'data');

  routes.delete(ENDPOINT);

  await once(socket, 'close');
  expect((await dial(routes)).status).toBe(502);
});

test('nothing is left when it is closed, even in the middle', async () => {
  const routes = await openEndpointRoutes();
  routes.set(ENDPOINT, await openEcho());
  const { path } = configurationOf(routes);
  await dial(routes);

  await routes.close();

  expect(existsSync(path)).toBe(false);
});
