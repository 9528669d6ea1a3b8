/**
 * Writes `kube-lab/go.mod` for one version of Kubernetes: `node pin-kubernetes.ts v1.37.2`.
 *
 * Kubernetes' own go.mod points its staging modules at `./staging/...`, which does not count for a module that depends
 * on it: each of them has to be named again, at the version that was published beside (v1.X.Y becomes v0.X.Y).
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const moduleFolder = fileURLToPath(new URL('../../kube-lab/', import.meta.url));

function go(...args: string[]): string {
  return execFileSync('go', args, { cwd: moduleFolder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

/** The text of go.mod before `go mod tidy` adds what follows from it. */
function goModFor(version: string, upstream: string): string {
  const goVersion = /^go (\S+)$/m.exec(upstream)?.[1];
  const staging = [...upstream.matchAll(/^\s*(k8s\.io\/\S+) => \.\/staging\//gm)].map((match) => match[1]);
  if (goVersion === undefined || staging.length === 0)
    throw new Error('the go.mod of k8s.io/kubernetes has a new shape');
  const stagingVersion = version.replace(/^v1\./, 'v0.');
  const debug = /^godebug default=(\S+)$/m.exec(upstream)?.[1] ?? `go${goVersion.split('.').slice(0, 2).join('.')}`;
  return [
    'module kube-lab',
    '',
    `go ${goVersion}`,
    '',
    `godebug default=${debug}`,
    '',
    `require k8s.io/kubernetes ${version}`,
    '',
    'replace (',
    ...staging.map((name) => `\t${name} => ${name} ${stagingVersion}`),
    ')',
    '',
  ].join('\n');
}

const version = process.argv[2] ?? '';
if (!/^v1\.\d+\.\d+$/.test(version)) throw new TypeError('say which version of Kubernetes, for example v1.37.2');
writeFileSync(`${moduleFolder}go.mod`, 'module kube-lab\n');
const { GoMod: upstreamPath } = JSON.parse(go('mod', 'download', '-json', `k8s.io/kubernetes@${version}`)) as {
  GoMod: string;
};
writeFileSync(`${moduleFolder}go.mod`, goModFor(version, readFileSync(upstreamPath, 'utf8')));
go('mod', 'tidy');
