import pc from 'picocolors';
import type { Stage } from './stage/stage.ts';

/** What to do with a demo that stays. */
export function inviteToTry({ api, network, router }: Stage): string {
  const [node] = network.nodes;
  const laptop = network.laptop.namespace.nsenter.join(' ');
  const lines: (readonly [comment: string, command: string])[] = [
    ['the cluster', `export KUBECONFIG=${api.kubeconfigPath}`],
    ['', 'kubectl get svc -w'],
    ['', 'kubectl -n metallb-system edit configmap config'],
    ['', 'kubectl describe svc nginx-lb'],
    ['the laptop', `${laptop} curl ${router.bgp === undefined ? '192.168.1.30' : '192.168.0.30'}:8080`],
    ['', `${laptop} ip neigh`],
    ['the router', `${network.router.namespace.nsenter.join(' ')} ip route`],
    ...(node === undefined
      ? []
      : [[`the node ${node.host.name}`, `${node.namespace.nsenter.join(' ')} ip address`] as const]),
  ];
  const shown = lines.map(([comment, command]) => {
    return `${comment === '' ? '' : pc.dim(`  # ${comment}\n`)}  ${command}\n`;
  });
  return `\nEverything stays as it is until Ctrl-C. From another terminal, as the same user:\n\n${shown.join('')}\n`;
}
