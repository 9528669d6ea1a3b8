import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the Go module. */
export const moduleFolder: string = fileURLToPath(new URL('../../kube-lab/', import.meta.url));

/** What the binary is made of: its key in the cache, and the version of Kubernetes that it calls itself. */
export interface KubeLabSource {
  readonly key: string;
  readonly kubernetesVersion: string;
}

export async function readKubeLabSource(): Promise<KubeLabSource> {
  const names = (await readdir(moduleFolder)).filter((name) => name.endsWith('.go') || /^go\.(mod|sum)$/.test(name));
  const hash = createHash('sha256').update(process.arch);
  for (const name of names.sort()) hash.update(`\0${name}\0`).update(await readFile(join(moduleFolder, name)));
  const goMod = await readFile(join(moduleFolder, 'go.mod'), 'utf8');
  const kubernetesVersion = /^\s*(?:require )?k8s\.io\/kubernetes (v\S+)/m.exec(goMod)?.[1];
  if (kubernetesVersion === undefined) throw new Error('kube-lab/go.mod requires no k8s.io/kubernetes');
  return { key: hash.digest('hex').slice(0, 16), kubernetesVersion };
}

/** Without these the components start, but call themselves `v0.0.0-master+$Format:%H$`. */
export function linkerFlags(kubernetesVersion: string): string {
  const [major, minor] = kubernetesVersion.slice(1).split('.');
  const stamps = { gitVersion: kubernetesVersion, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' };
  return ['-s', '-w', ...Object.entries(stamps).map(([k, v]) => `-X k8s.io/component-base/version.${k}=${v}`)].join(
    ' ',
  );
}
