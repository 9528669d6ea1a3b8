import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Namespace } from './namespace.ts';
import { nodeProgram } from './node-program.ts';

/** A unix socket of this machine behind which a TCP port of a namespace is. */
export interface RelayedPort extends AsyncDisposable {
  /** For `connect({ path })` of `node:net`, and `curl --unix-socket`. */
  readonly path: string;
  close(): Promise<void>;
}

/**
 * Lets this machine reach a server inside a namespace, over no link: the other
 * way round of `relayInto`. Whether anybody listens there is asked anew for
 * each connection.
 */
export async function relayOutOf(
  namespace: Namespace,
  address: { readonly host?: string; readonly port: number },
): Promise<RelayedPort> {
  // A unix socket's path has at most 107 octets, wherever temporary folders are.
  const folder = await mkdtemp(join(tmpdir(), 'relay-'));
  const path = join(folder, 's');
  const [program, args] = nodeProgram(new URL('./relay-out-inside.ts', import.meta.url), [
    path,
    address.host ?? '127.0.0.1',
    String(address.port),
  ]);
  const inside = namespace.spawn(program, args, { name: `${namespace.name}: relay out of port ${address.port}` });
  const close = async (): Promise<void> => {
    await inside.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await inside.waitForLine(/^listening$/);
  } catch (error) {
    await close();
    throw error;
  }
  return { path, close, [Symbol.asyncDispose]: close };
}
