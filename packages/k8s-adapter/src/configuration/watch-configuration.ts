import {
  API_GROUP,
  type ConfigurationOutcome,
  configurationInForce,
  type LegacyMode,
  type NamespaceView,
  type ObjectReference,
  type ParsedConfig,
  parseConfiguration,
} from '@steelyard/config';
import type { KubeClient } from '../client/kube-client.ts';
import type { InvolvedObject } from '../events/event-correlator.ts';
import { startListWatch } from '../list-watch/list-watch.ts';
import type { ListWatch, ListWatchTiming } from '../list-watch/options.ts';
import { structurallyEqual } from '../list-watch/structural-equality.ts';
import type { AdapterLogger } from '../logger.ts';
import { type ConfigurationObject, projectConfigurationObject, projectNamespace } from './configuration-objects.ts';
import { createSourceMove, type SourceMoveTiming } from './source-move.ts';

export interface ConfigurationWatchOptions {
  readonly client: KubeClient;
  /** Of MetalLB: only objects in it configure. */
  readonly namespace: string;
  readonly legacyMode: LegacyMode;
  /** Of the old ConfigMap; MetalLB's default is `config`. */
  readonly legacyName?: string;
  /** Whether pools' `namespaceSelectors` matter; a speaker does without Namespaces. */
  readonly withNamespaces: boolean;
  /** Once all lists were read, and after each change that is one. */
  readonly onConfiguration: (outcome: ConfigurationInForce) => void;
  readonly logger: AdapterLogger;
  readonly timing?: Partial<ListWatchTiming>;
  /** How long what replaces the old ConfigMap is waited for; by default until nothing has changed for 2 s. */
  readonly sourceMove?: SourceMoveTiming;
}

/** What was read last, and what is therefore in force. */
export interface ConfigurationInForce extends Omit<ConfigurationOutcome, 'config'> {
  /** The last that could be read: an unreadable one replaces nothing. */
  readonly config: ParsedConfig;
  /** Where an Event about an object goes. */
  readonly identityOf: (reference: ObjectReference) => InvolvedObject | undefined;
}

export interface ConfigurationWatch {
  readonly synced: boolean;
  stop(): Promise<void>;
}

interface WatchedKind {
  readonly kind: string;
  readonly plural: string;
  readonly version: string;
}

const POOLS: WatchedKind = { kind: 'IPAddressPool', plural: 'ipaddresspools', version: 'v1beta1' };
const ADVERTISEMENTS: WatchedKind = { kind: 'L2Advertisement', plural: 'l2advertisements', version: 'v1beta1' };
/** Not parsed yet, but while one of them exists the old ConfigMap sleeps. */
const OTHERS: readonly WatchedKind[] = [
  { kind: 'BGPAdvertisement', plural: 'bgpadvertisements', version: 'v1beta1' },
  { kind: 'BGPPeer', plural: 'bgppeers', version: 'v1beta2' },
  { kind: 'BFDProfile', plural: 'bfdprofiles', version: 'v1beta1' },
  { kind: 'Community', plural: 'communities', version: 'v1beta1' },
];

/**
 * Follows everything that configures and says what is in force. Several changes in one turn are one call; a change that
 * means nothing (a status, a label of no consequence) is none.
 */
export function watchConfiguration(options: ConfigurationWatchOptions): ConfigurationWatch {
  const { client, namespace, legacyMode, legacyName = 'config', withNamespaces, onConfiguration, logger } = options;
  const watches: ListWatch<unknown>[] = [];
  let due: NodeJS.Immediate | undefined;
  let inForce: ParsedConfig | undefined;
  let told: Pick<ConfigurationOutcome, 'config' | 'problems'> | undefined;
  const move = createSourceMove(read, options.sourceMove);

  function follow<T>(
    path: string,
    project: (object: Readonly<Record<string, unknown>>) => T | undefined,
    more: { readonly fieldSelector?: string; readonly equal?: (a: T, b: T) => boolean } = {},
  ): ListWatch<T> {
    const watch = startListWatch<T>({
      client,
      path,
      project,
      logger,
      ...more,
      ...(options.timing === undefined ? {} : { timing: options.timing }),
      onSynced: changed,
      onUpsert: changed,
      onDelete: changed,
      onState: changed,
    });
    watches.push(watch as ListWatch<unknown>);
    return watch;
  }

  const ofKind = ({ kind, plural, version }: WatchedKind): ListWatch<ConfigurationObject> =>
    follow(
      `/apis/${API_GROUP}/${version}/namespaces/${encodeURIComponent(namespace)}/${plural}`,
      projectConfigurationObject(kind, `${API_GROUP}/${version}`),
      { equal: (a, b) => structurallyEqual(a.object, b.object) },
    );

  // `changed` may be called before all are there: it only sets `due`, and the turn ends after this function.
  const pools = ofKind(POOLS);
  const advertisements = ofKind(ADVERTISEMENTS);
  const others = OTHERS.map(ofKind);
  const legacy = follow(
    `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps`,
    projectConfigurationObject('ConfigMap', 'v1'),
    {
      fieldSelector: `metadata.name=${legacyName}`,
      equal: (a, b) => structurallyEqual(a.object, b.object),
    },
  );
  const namespaces = withNamespaces ? follow<NamespaceView>('/api/v1/namespaces', projectNamespace) : undefined;

  function changed(): void {
    due ??= setImmediate(() => {
      due = undefined;
      read();
    });
  }

  function isForbidden(watch: ListWatch<unknown>): boolean {
    return !watch.synced && watch.state.name === 'forbidden';
  }

  function read(): void {
    // A list that is refused will not come by waiting: what it would say stays unknown, and the rest goes on.
    if (!watches.every((watch) => watch.synced || isForbidden(watch))) return;
    const kinds = [pools, advertisements, ...others];
    const objects = (watch: ListWatch<ConfigurationObject>): unknown[] =>
      [...watch.values.values()].map((v) => v.object);
    const outcome = parseConfiguration(
      {
        ipAddressPools: objects(pools),
        l2Advertisements: objects(advertisements),
        otherObjects: others.reduce((sum, watch) => sum + watch.values.size, 0),
        objectsUnknown:
          kinds.some(isForbidden) || (isForbidden(legacy) && kinds.every((kind) => kind.values.size === 0)),
        legacyConfigMap: [...legacy.values.values()][0]?.object,
        legacyMode,
        ...(namespaces === undefined || isForbidden(namespaces) ? {} : { namespaces: [...namespaces.values.values()] }),
      },
      inForce,
    );
    if (inForce?.source === 'legacy' && outcome.config.source !== 'legacy' && !move.isTime()) return;
    move.cancel();
    const config = configurationInForce(inForce, outcome.config);
    if (told !== undefined && structurallyEqual(told, { config, problems: outcome.problems })) return;
    told = { config, problems: outcome.problems };
    inForce = config;
    onConfiguration({ ...outcome, config, identityOf });
  }

  function identityOf(reference: ObjectReference): InvolvedObject | undefined {
    const key = `${reference.namespace || namespace}/${reference.name}`;
    for (const watch of [pools, advertisements, legacy]) {
      const found = watch.values.get(key)?.identity;
      if (found?.kind === reference.kind) return found;
    }
    return undefined;
  }

  return {
    get synced() {
      return told !== undefined;
    },
    async stop() {
      await Promise.all(watches.map((watch) => watch.stop()));
      clearImmediate(due);
      move.cancel();
    },
  };
}
