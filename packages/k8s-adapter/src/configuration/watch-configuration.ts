import {
  API_GROUP,
  type ConfigurationInput,
  type ConfigurationOutcome,
  type ConfigurationScope,
  configurationInForce,
  type LegacyMode,
  type NamespaceView,
  type NodeView,
  type ObjectReference,
  type ParsedConfig,
  parseConfiguration,
} from '@steelyard/config';
import type { KubeClient } from '../client/kube-client.ts';
import type { InvolvedObject } from '../events/event-correlator.ts';
import { startListWatch } from '../list-watch/list-watch.ts';
import type { ListWatch, ListWatchOptions, ListWatchTiming } from '../list-watch/options.ts';
import { structurallyEqual } from '../list-watch/structural-equality.ts';
import type { AdapterLogger } from '../logger.ts';
import {
  type ConfigurationObject,
  passwordSecretOf,
  projectConfigurationObject,
  projectNamespace,
} from './configuration-objects.ts';
import { followPasswordSecrets } from './password-secrets.ts';
import { createSourceMove, type SourceMoveTiming } from './source-move.ts';

export interface ConfigurationWatchOptions {
  readonly client: KubeClient;
  /** Of MetalLB: only objects in it configure. */
  readonly namespace: string;
  readonly legacyMode: LegacyMode;
  /** Of the old ConfigMap; MetalLB's default is `config`. */
  readonly legacyName?: string;
  /** Whose configuration it is. A controller follows the Namespaces too, for pools' `namespaceSelectors`. */
  readonly reader: ConfigurationScope;
  /** How it is judged. */
  readonly rules?: Pick<ConfigurationInput, 'bgpType' | 'nodeName' | 'strictness' | 'parity'>;
  /**
   * The Nodes as the caller follows them; undefined while it has not listed them, which is waited for. After a change of
   * them call `lookAgain`. Without this no Node is known.
   */
  readonly nodes?: () => readonly NodeView[] | undefined;
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
  /** What the caller follows itself has changed. */
  lookAgain(): void;
  stop(): Promise<void>;
}

const KINDS = {
  ipAddressPools: { kind: 'IPAddressPool', plural: 'ipaddresspools', version: 'v1beta1' },
  l2Advertisements: { kind: 'L2Advertisement', plural: 'l2advertisements', version: 'v1beta1' },
  bgpAdvertisements: { kind: 'BGPAdvertisement', plural: 'bgpadvertisements', version: 'v1beta1' },
  bgpPeers: { kind: 'BGPPeer', plural: 'bgppeers', version: 'v1beta2' },
  bfdProfiles: { kind: 'BFDProfile', plural: 'bfdprofiles', version: 'v1beta1' },
  communities: { kind: 'Community', plural: 'communities', version: 'v1beta1' },
} as const;
type KindName = keyof typeof KINDS;
/** What MetalLB's frr mode takes lines for FRR from. */
const BGP_EXTRAS_NAME = 'bgpextras';
const KIND_NAMES = Object.keys(KINDS) as readonly KindName[];

/**
 * Follows everything that configures and says what is in force. Several changes in one turn are one call; a change that
 * means nothing (a status, a label of no consequence) is none.
 */
export function watchConfiguration(options: ConfigurationWatchOptions): ConfigurationWatch {
  const { client, namespace, legacyMode, legacyName = 'config', reader, rules, onConfiguration, logger } = options;
  const watches = new Set<ListWatch<unknown>>();
  let due: NodeJS.Immediate | undefined;
  let inForce: ParsedConfig | undefined;
  let told: Pick<ConfigurationOutcome, 'config' | 'problems'> | undefined;
  let stopped = false;
  const move = createSourceMove(read, options.sourceMove);

  function start<T>(
    path: string,
    project: (object: Readonly<Record<string, unknown>>) => T | undefined,
    more: Pick<ListWatchOptions<T>, 'optional' | 'fieldSelector' | 'equal'> = {},
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
    watches.add(watch as ListWatch<unknown>);
    return watch;
  }

  function follow(
    path: string,
    kind: string,
    version: string,
    which: Pick<ListWatchOptions<ConfigurationObject>, 'optional' | 'fieldSelector'>,
  ): ListWatch<ConfigurationObject> {
    return start(path, projectConfigurationObject(kind, version), {
      equal: (a, b) => structurallyEqual(a.object, b.object),
      ...which,
    });
  }

  // `changed` may be called before all are there: it only sets `due`, and the turn ends after this function.
  const inNamespace = `namespaces/${encodeURIComponent(namespace)}`;
  const kinds = Object.fromEntries(
    KIND_NAMES.map((name) => {
      const { kind, plural, version } = KINDS[name];
      const path = `/apis/${API_GROUP}/${version}/${inNamespace}/${plural}`;
      return [name, follow(path, kind, `${API_GROUP}/${version}`, { optional: true })];
    }),
  ) as Readonly<Record<KindName, ListWatch<ConfigurationObject>>>;
  const followConfigMap = (name: string): ListWatch<ConfigurationObject> =>
    follow(`/api/v1/${inNamespace}/configmaps`, 'ConfigMap', 'v1', { fieldSelector: `metadata.name=${name}` });
  const legacy = followConfigMap(legacyName);
  const bgpExtras = reader === 'speaker' ? followConfigMap(BGP_EXTRAS_NAME) : undefined;
  const namespaces = reader === 'controller' ? start<NamespaceView>('/api/v1/namespaces', projectNamespace) : undefined;
  const awaited = [...watches];

  function changed(): void {
    due ??= setImmediate(() => {
      due = undefined;
      read();
    });
  }

  function isForbidden(watch: ListWatch<unknown>): boolean {
    return !watch.synced && watch.state.name === 'forbidden';
  }

  const secrets = followPasswordSecrets({
    follow: (name) =>
      follow(
        `/api/v1/${inNamespace}/secrets`,
        'Secret',
        'v1',
        name === '' ? {} : { fieldSelector: `metadata.name=${name}` },
      ),
    unfollow(watch) {
      watches.delete(watch as ListWatch<unknown>);
      void watch.stop();
    },
  });

  /** Secrets are read by those alone who need them: a speaker, of its peers. */
  function secretsNeeded(): readonly unknown[] | undefined {
    if (reader !== 'speaker') return undefined;
    const names = [...kinds.bgpPeers.values.values()].map(passwordSecretOf).filter((name) => name !== undefined);
    return secrets.need(new Set(names));
  }

  function input(nodes: readonly NodeView[] | undefined): ConfigurationInput {
    const unknownKinds = new Set<string>(
      KIND_NAMES.filter((name) => isForbidden(kinds[name])).map((name) => KINDS[name].kind),
    );
    if (isForbidden(legacy)) unknownKinds.add('ConfigMap');
    const read = (name: KindName): readonly unknown[] => objectsOf(kinds[name]);
    const known = { secrets: secretsNeeded(), nodes, namespaces: namespaces && valuesIfKnown(namespaces) };
    return {
      ...rules,
      reader,
      ipAddressPools: read('ipAddressPools'),
      l2Advertisements: read('l2Advertisements'),
      bgpAdvertisements: read('bgpAdvertisements'),
      bgpPeers: read('bgpPeers'),
      bfdProfiles: read('bfdProfiles'),
      communities: read('communities'),
      unknownKinds,
      legacyConfigMap: objectsOf(legacy)[0],
      ...(bgpExtras === undefined ? {} : { bgpExtras: objectsOf(bgpExtras)[0] }),
      legacyMode,
      ...(known.secrets === undefined ? {} : { secrets: known.secrets }),
      ...(known.nodes === undefined ? {} : { nodes: known.nodes }),
      ...(known.namespaces === undefined ? {} : { namespaces: known.namespaces }),
    };
  }

  function valuesIfKnown<T>(watch: ListWatch<T>): readonly T[] | undefined {
    return isForbidden(watch) ? undefined : [...watch.values.values()];
  }

  function read(): void {
    if (stopped) return;
    const nodes = options.nodes?.();
    // A list that is refused will not come by waiting: what it would say stays unknown, and the rest goes on.
    if (!awaited.every((watch) => watch.synced || isForbidden(watch))) return;
    if (options.nodes !== undefined && nodes === undefined) return;
    const outcome = parseConfiguration(input(nodes), inForce);
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
    for (const watch of [
      ...KIND_NAMES.map((name) => kinds[name]),
      legacy,
      ...(bgpExtras === undefined ? [] : [bgpExtras]),
    ]) {
      const found = watch.values.get(key)?.identity;
      if (found?.kind === reference.kind) return found;
    }
    return undefined;
  }

  return {
    get synced() {
      return told !== undefined;
    },
    lookAgain: changed,
    async stop() {
      stopped = true;
      await Promise.all([...watches].map((watch) => watch.stop()));
      clearImmediate(due);
      move.cancel();
    },
  };
}

function objectsOf(watch: ListWatch<ConfigurationObject>): readonly unknown[] {
  return [...watch.values.values()].map(({ object }) => object);
}
