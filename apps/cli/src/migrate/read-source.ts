import { createReadStream } from 'node:fs';
import type { MigrationSource } from '@steelyard/config';
import { isApiError, openKubeClient } from '@steelyard/k8s-adapter';
import { CommandFailure, reasonOf } from '../failure.ts';
import type { Surroundings } from '../surroundings.ts';

export interface SourceFlags {
  readonly source?: string;
  readonly fromCluster?: boolean;
  readonly onlyData?: boolean;
  readonly namespace?: string;
  readonly kubeconfig?: string;
}

/** What was read, and what to call it. */
export interface NamedSource {
  readonly source: MigrationSource;
  readonly label: string;
}

/** More than the API server takes for a ConfigMap, with all that kubectl writes around it. */
const MAX_SOURCE_OCTETS = 4 * 1024 * 1024;
const CONFIG_MAP = 'config';
const DEFAULT_NAMESPACE = 'metallb-system';
/** RFC 1123, as Kubernetes wants it of a namespace. */
const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Reads the old configuration from where the flags say. */
export async function readSource(
  file: string | undefined,
  flags: SourceFlags,
  surroundings: Surroundings,
): Promise<NamedSource> {
  checkFlags(file, flags);
  if (flags.fromCluster === true) {
    return await readCluster(flags, surroundings);
  }
  const path = file ?? flags.source ?? '-';
  if (path === '-' && file === undefined && flags.source === undefined && surroundings.stdin.isTTY === true) {
    throw new CommandFailure(2, 'error: nothing to read: give a file, - for standard input, or --from-cluster');
  }
  const label = path === '-' ? 'standard input' : path;
  const text = await readText(path === '-' ? surroundings.stdin : createReadStream(path), label);
  return { source: { kind: flags.onlyData === true ? 'dataText' : 'configMapText', text }, label };
}

function checkFlags(file: string | undefined, flags: SourceFlags): void {
  const sources = [
    ...(file === undefined ? [] : ['a file']),
    ...(flags.source === undefined ? [] : ['--source']),
    ...(flags.fromCluster === true ? ['--from-cluster'] : []),
  ];
  if (sources.length > 1) {
    throw new CommandFailure(2, `error: ${sources.join(' and ')}: give one of them`);
  }
  if (flags.fromCluster === true && flags.onlyData === true) {
    throw new CommandFailure(2, 'error: --only-data is for files: a cluster has the whole ConfigMap');
  }
  if (flags.fromCluster !== true && flags.kubeconfig !== undefined) {
    throw new CommandFailure(2, 'error: --kubeconfig goes with --from-cluster');
  }
  if (flags.namespace !== undefined && !NAMESPACE.test(flags.namespace)) {
    throw new CommandFailure(2, `error: --namespace: ${JSON.stringify(flags.namespace)} is no namespace`);
  }
}

async function readText(stream: AsyncIterable<Uint8Array | string>, label: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let octets = 0;
  try {
    for await (const chunk of stream) {
      const piece = typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk;
      octets += piece.length;
      if (octets > MAX_SOURCE_OCTETS) {
        throw new CommandFailure(1, `${label}: error: larger than ${MAX_SOURCE_OCTETS} octets: no ConfigMap is`);
      }
      chunks.push(piece);
    }
  } catch (error) {
    throw error instanceof CommandFailure ? error : new CommandFailure(1, `${label}: error: ${reasonOf(error)}`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new CommandFailure(1, `${label}: error: not UTF-8: save the file in that encoding`);
  }
}

async function readCluster(flags: SourceFlags, { env }: Surroundings): Promise<NamedSource> {
  const namespace = flags.namespace ?? DEFAULT_NAMESPACE;
  const label = `ConfigMap ${namespace}/${CONFIG_MAP}`;
  try {
    await using client = await openKubeClient({
      userAgent: 'steelyard-cli',
      env,
      ...(flags.kubeconfig === undefined ? {} : { kubeconfigPath: flags.kubeconfig }),
    });
    const { body } = await client.request('GET', `/api/v1/namespaces/${namespace}/configmaps/${CONFIG_MAP}`);
    return { source: { kind: 'configMap', configMap: body }, label };
  } catch (error) {
    const remedy =
      isApiError(error) && error.code === 'ERR_K8S_NOT_FOUND'
        ? '\n  --namespace names the one that MetalLB is in; a cluster that has only objects needs no migration'
        : '';
    throw new CommandFailure(1, `${label}: error: ${error instanceof Error ? error.message : String(error)}${remedy}`);
  }
}
