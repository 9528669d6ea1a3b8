import { join } from 'node:path';
import { type BuiltKubeLab, buildKubeLab, type KubeLab } from './build.ts';
import { type KubectlOptions, runKubectl } from './kubectl.ts';
import { type ReadyLine, type Supervisor, startSupervisor } from './supervisor.ts';

export interface ControlPlaneOptions {
  /** What {@link buildKubeLab} gave; built where it is left out. */
  readonly kubeLab?: KubeLab;
  /** Where the API server listens; 127.0.0.1 unless said. */
  readonly bindAddress?: string;
  /** A free port unless said. It stays the same over restarts. */
  readonly port?: number;
  /** Runs kube-scheduler, too: for Deployments and DaemonSets whose Pods have to find Nodes. */
  readonly scheduler?: boolean;
  /** More flags for kube-apiserver, for example `--watch-cache=false`. */
  readonly apiServerFlags?: readonly string[];
}

/** Kubernetes' own control plane: etcd, kube-apiserver, kube-controller-manager. */
export interface ControlPlane extends AsyncDisposable {
  /** The administrator's, with a client certificate; it needs no other file. */
  readonly kubeconfigPath: string;
  readonly kubeconfigPaths: ReadyLine['kubeconfigs'];
  readonly url: string;
  /** The administrator's bearer token. */
  readonly token: string;
  readonly certificateAuthorityPath: string;
  /** Of the same version as the API server. */
  readonly kubectlPath: string;
  /** The program itself: `kube-lab kube-proxy --kubeconfig=…` and its like. */
  readonly kubeLabPath: string;
  /** Lives in memory, holds credentials and logs (`kube-apiserver.log`), and goes with the control plane. */
  readonly directory: string;
  /** `KUBECONFIG`, and a discovery cache that no other cluster shares. */
  readonly environment: Readonly<Record<'KUBECONFIG' | 'KUBECACHEDIR', string>>;
  /** Since the start, until each was there. */
  readonly timingsMs: ReadyLine['timingsMs'];
  /** Settles when it has ended, with a complaint where nobody asked for it. */
  readonly ended: Promise<string | undefined>;

  /** Runs kubectl as administrator and returns what it printed. */
  kubectl(args: readonly string[], options?: KubectlOptions): Promise<string>;
  /** As a crash would. etcd keeps the data, clients lose their connections. */
  killApiServer(): Promise<void>;
  /** Kills it where it runs; resolves once it serves again, at the same address. */
  restartApiServer(): Promise<void>;
  /** SIGSTOP: connections stay open and nothing answers. */
  pauseApiServer(): Promise<void>;
  resumeApiServer(): Promise<void>;
  /**
   * Drops all revisions but the present one, and returns it. The API server goes on to serve older ones from its watch
   * cache; after a {@link restartApiServer} they are `410 Gone`. Continued lists are so at once.
   */
  compactEtcd(): Promise<number>;
  stop(): Promise<void>;
}

/**
 * Starts a control plane and resolves once Pods can be created in the namespace `default`. It ends with this process,
 * however this process ends, and leaves nothing behind.
 */
export async function openRealControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const kubeLab = options.kubeLab ?? (await buildKubeLab());
  if (!kubeLab.available) throw new Error(kubeLab.reason);
  const supervisor = await startSupervisor(kubeLab.path, supervisorFlags(options));
  return describeControlPlane(kubeLab, supervisor);
}

function supervisorFlags(options: ControlPlaneOptions): string[] {
  return [
    ...(options.bindAddress === undefined ? [] : [`--bind-address=${options.bindAddress}`]),
    ...(options.port === undefined ? [] : [`--port=${options.port}`]),
    ...(options.scheduler === true ? ['--scheduler'] : []),
    ...(options.apiServerFlags ?? []).map((flag) => `--apiserver-flag=${flag}`),
  ];
}

function describeControlPlane(kubeLab: BuiltKubeLab, supervisor: Supervisor): ControlPlane {
  const { kubeconfig, kubeconfigs, url, token, directory, timingsMs } = supervisor.ready;
  const environment = { KUBECONFIG: kubeconfig, KUBECACHEDIR: join(directory, 'kubectl-cache') };
  const killApiServer = async (): Promise<void> => {
    await supervisor.ask('killApiServer');
  };
  return {
    kubeconfigPath: kubeconfig,
    kubeconfigPaths: kubeconfigs,
    url,
    token,
    certificateAuthorityPath: join(directory, 'ca.crt'),
    kubectlPath: kubeLab.kubectlPath,
    kubeLabPath: kubeLab.path,
    directory,
    environment,
    timingsMs,
    ended: supervisor.ended,
    kubectl: (args, kubectlOptions) =>
      runKubectl(kubeLab.kubectlPath, { ...process.env, ...environment }, args, kubectlOptions),
    killApiServer,
    async restartApiServer() {
      await killApiServer();
      await supervisor.ask('startApiServer');
    },
    async pauseApiServer() {
      await supervisor.ask('pauseApiServer');
    },
    async resumeApiServer() {
      await supervisor.ask('resumeApiServer');
    },
    compactEtcd: async () => (await supervisor.ask('compactEtcd')).revision ?? 0,
    stop: supervisor.stop,
    [Symbol.asyncDispose]: supervisor.stop,
  };
}
