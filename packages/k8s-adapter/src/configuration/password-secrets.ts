import type { ListWatch } from '../list-watch/options.ts';
import type { ConfigurationObject } from './configuration-objects.ts';

/** The Secrets that BGPPeers name, and no others as long as they are few. */
export interface PasswordSecrets {
  /**
   * Says which are needed now; what is needed no more is followed no more.
   *
   * @returns Those that exist; undefined until all of them were looked for.
   */
  need(names: ReadonlySet<string>): readonly unknown[] | undefined;
}

/** Each Secret by itself is one more connection to the API server: of more than this the whole namespace is followed. */
const MAX_FOLLOWED_ONE_BY_ONE = 16;
const ALL = '';

export interface SecretFollowing {
  /** Follows one Secret of the namespace, or with an empty name all of them. */
  follow(name: string): ListWatch<ConfigurationObject>;
  unfollow(watch: ListWatch<ConfigurationObject>): void;
}

/** Follows what is needed, as it is needed. */
export function followPasswordSecrets({ follow, unfollow }: SecretFollowing): PasswordSecrets {
  const watches = new Map<string, ListWatch<ConfigurationObject>>();

  return {
    need(names) {
      const wanted = names.size > MAX_FOLLOWED_ONE_BY_ONE ? new Set([ALL]) : names;
      for (const [name, watch] of watches) {
        if (wanted.has(name)) continue;
        watches.delete(name);
        unfollow(watch);
      }
      for (const name of wanted) {
        if (!watches.has(name)) watches.set(name, follow(name));
      }
      const followed = [...watches.values()];
      if (!followed.every(({ synced }) => synced)) return undefined;
      return followed
        .flatMap((watch) => [...watch.values.values()])
        .filter(({ identity }) => names.has(identity.name))
        .map(({ object }) => object);
    },
  };
}
