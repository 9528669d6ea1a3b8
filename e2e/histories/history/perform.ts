import type { RunningController } from '../controller/controller.ts';
import type { Chronicle } from '../oracle/chronicle.ts';
import { keyOf, type PoolSpec, type StoredService, shownBy, timestampAt } from '../world/objects.ts';
import { type Action, BLOCKS, type NewPool, type NewService } from './actions.ts';
import type { Cluster } from './cluster.ts';
import { EDITS, setFamilies } from './edits.ts';

const MAX_CONTROLLERS = 3;

export function poolSpec({ blocks, autoAssign, avoidBuggyIPs, broken, rule }: NewPool): PoolSpec {
  return { blocks: blocks.flatMap((index) => BLOCKS[index] ?? []), autoAssign, avoidBuggyIPs, broken, rule };
}

function serviceOf(key: string, { families, policy, born }: NewService, nowMs: number, uid: string): StoredService {
  const [namespace = '', name = ''] = key.split('/');
  const service: StoredService = {
    metadata: {
      namespace,
      name,
      uid,
      resourceVersion: '',
      creationTimestamp: timestampAt(nowMs),
      annotations: {},
      labels: {},
    },
    spec: {
      type: 'LoadBalancer',
      clusterIP: '',
      clusterIPs: [],
      ipFamilies: [],
      ipFamilyPolicy: families.length === 1 && policy === 'RequireDualStack' ? 'SingleStack' : policy,
      externalTrafficPolicy: 'Cluster',
      selector: { app: name },
      ports: [{ protocol: 'TCP', port: 80 }],
    },
    status: { loadBalancer: {} },
  };
  setFamilies(service, families);
  for (const edit of born) EDITS[edit]?.apply(service);
  service.status = { loadBalancer: {} };
  return service;
}

function oneOf<T extends RunningController>(all: readonly T[], which: number): T | undefined {
  return all[which % Math.max(1, all.length)];
}

function stopAll(all: readonly RunningController[]): void {
  for (const one of all) one.stop();
}

/** Does what an action says; `rest` is the player's. */
export function perform(cluster: Cluster, chronicle: Chronicle, action: Exclude<Action, { type: 'rest' }>): void {
  const { time, server, network, controllers, metalLbs } = cluster;
  const later = (afterMs: number, run: () => void): void => time.at(time.nowMs + afterMs, run);
  const spec = (name: string): PoolSpec | undefined => server.pools.items.get(name)?.spec;
  switch (action.type) {
    case 'create':
      if (!server.services.items.has(action.key)) {
        server.createService(serviceOf(action.key, action.service, time.nowMs, `uid-${server.version}`));
      }
      break;
    case 'delete':
      server.deleteService(action.key);
      break;
    case 'edit': {
      const edit = EDITS[action.edit];
      const service = server.services.items.get(action.key);
      if (edit === undefined || service === undefined) break;
      if (edit.touches !== undefined) chronicle.touched(service.metadata.uid, edit.touches);
      server.editService(action.key, edit.apply);
      break;
    }
    case 'copy status': {
      const [from, to] = [server.services.items.get(action.from), server.services.items.get(action.to)];
      if (from === undefined || to === undefined) break;
      chronicle.touched(to.metadata.uid, 'status');
      server.editService(keyOf(to), (draft) => {
        const ingress = shownBy(from).map((ip) => ({ ip }));
        draft.status = { loadBalancer: ingress.length === 0 ? {} : { ingress } };
      });
      break;
    }
    case 'apply pool':
      server.setPool(action.name, poolSpec(action.pool));
      break;
    case 'delete pool':
      server.setPool(action.name, undefined);
      break;
    case 'rename pool': {
      const was = spec(action.name);
      if (was === undefined || action.to === action.name || spec(action.to) !== undefined) break;
      later(1_000, () => {
        server.setPool(action.to, was); // younger than the one that it replaces
        later(action.gapMs, () => server.setPool(action.name, undefined));
      });
      break;
    }
    case 'make pool again': {
      const was = spec(action.name);
      if (was === undefined) break;
      server.setPool(action.name, undefined);
      later(action.gapMs, () => server.setPool(action.name, spec(action.name) ?? was));
      break;
    }
    case 'split pool': {
      const was = spec(action.name);
      const moved = was?.blocks.at(-1);
      if (was === undefined || moved === undefined || was.blocks.length < 2 || spec(action.to) !== undefined) break;
      server.setPool(action.to, { ...was, blocks: [moved] });
      later(action.gapMs, () => server.setPool(action.name, { ...was, blocks: was.blocks.slice(0, -1) }));
      break;
    }
    case 'shrink pool': {
      const was = spec(action.name);
      if (was !== undefined && was.blocks.length > 1) {
        server.setPool(action.name, { ...was, blocks: was.blocks.slice(1) });
      }
      break;
    }
    case 'break or mend pool': {
      const was = spec(action.name);
      if (was !== undefined) server.setPool(action.name, { ...was, broken: !was.broken });
      break;
    }
    case 'relabel': {
      const labels = server.namespaces.items.get(action.namespace) ?? {};
      server.setNamespace(action.namespace, 'team' in labels ? {} : { team: 'x' });
      break;
    }
    case 'start':
      if (controllers.length < MAX_CONTROLLERS) cluster.start();
      break;
    case 'crash': {
      const controller = oneOf(controllers, action.which);
      if (controller !== undefined) cluster.crash(controller, action.how);
      break;
    }
    case 'pause':
      oneOf(controllers, action.which)?.process.pause(action.durationMs);
      break;
    case 'suspend':
      oneOf(controllers, action.which)?.process.suspend(action.durationMs);
      break;
    case 'replace': {
      const old = oneOf(controllers, action.which);
      if (old === undefined) break;
      cluster.start();
      later(action.gapMs, () => old.stop());
      break;
    }
    case 'hand over': {
      const holder = controllers.find(({ holding }) => holding);
      if (holder === undefined || controllers.length < 2) break;
      for (const other of controllers) if (other !== holder) other.stall(4_000);
      perform(cluster, chronicle, { type: 'create', key: action.key, service: action.service });
      later(100, () => holder.stop());
      later(action.gapMs, () => perform(cluster, chronicle, { ...action, type: 'apply pool' }));
      break;
    }
    case 'break watch':
      oneOf([...controllers, ...metalLbs], action.which)?.breakWatch(action.kind);
      break;
    case 'MetalLB comes':
      if (metalLbs.length > 0) break;
      chronicle.metalLbCame();
      cluster.startMetalLb();
      // Its Deployment replaces ours, or runs beside it for a while.
      if (time.random() < 0.5) later(time.between(0, 5_000), () => stopAll(controllers));
      break;
    case 'MetalLB goes':
      if (controllers.length === 0) cluster.start();
      later(time.between(0, 5_000), () => stopAll(metalLbs));
      break;
    case 'outage':
      cluster.beginOutage();
      later(action.durationMs, () => {
        network.down = false;
      });
      break;
    case 'refuse':
      server.refusing = true;
      later(action.durationMs, () => {
        server.refusing = false;
      });
      break;
  }
}
