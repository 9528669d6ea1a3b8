import type { LabProcess, Namespace } from '../lab/index.ts';

/** Passes connections on to a unix socket, which is found by its path from every network namespace. */
export interface RelayOptions {
  readonly kubeLabPath: string;
  /** `host:port` inside the namespace. */
  readonly listenAddress: string;
  readonly socketPath: string;
}

/** Resolves once the relay accepts connections inside the namespace. */
export async function startRelay(namespace: Pick<Namespace, 'spawn'>, options: RelayOptions): Promise<LabProcess> {
  const args = ['relay', `--listen=${options.listenAddress}`, `--to=${options.socketPath}`];
  const relay = namespace.spawn(options.kubeLabPath, args, { name: 'relay to the API server' });
  await relay.waitForLine(/^listening/);
  return relay;
}
