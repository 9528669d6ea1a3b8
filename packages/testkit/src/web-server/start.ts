import type { LabProcess, Namespace } from '../lab/index.ts';
import { nodeProgram } from '../lab/node-program.ts';

/** Where a web server listens, and as whom. */
export interface WebServerOptions {
  /** The Pod's address. It is put on the namespace's `lo`: the kernel of a lab may have no other virtual interfaces. */
  readonly podIp: string;
  /** Default 80. */
  readonly port?: number;
  readonly node: string;
  readonly pod: string;
}

/** Starts a web server at a Pod's address; resolves once it serves. */
export async function startWebServer(namespace: Namespace, options: WebServerOptions): Promise<LabProcess> {
  const { podIp, port = 80, node, pod } = options;
  const prefixLength = podIp.includes(':') ? 128 : 32;
  await namespace.ip([`address replace ${podIp}/${prefixLength} dev lo`]);
  const inside = new URL('./serve-inside.ts', import.meta.url);
  const [program, args] = nodeProgram(inside, [podIp, String(port), node, pod]);
  const serving = namespace.spawn(program, args, { name: `${node}: web server of ${pod}` });
  await serving.waitForLine(/^serving$/);
  return serving;
}
