/** A body that is being read or worked on. */
export interface BodyShare {
  /** False when there is no room: then this one has been given up, and `onEvicted` was not called. */
  take(octets: number): boolean;
  /** All of it is here: it makes room for nobody any more. */
  complete(): void;
  release(): void;
}

export interface OctetBudget {
  readonly octets: number;
  open(onEvicted: () => void): BodyShare;
}

interface Share {
  octets: number;
  readonly onEvicted: () => void;
}

/**
 * Bounds what all bodies hold together. When it is exceeded, the body that was begun first and is not complete goes: the API
 * server sends what it has at once, so whoever is slow is somebody else.
 */
export function createOctetBudget(maxOctets: number): OctetBudget {
  let held = 0;
  const incomplete = new Set<Share>();

  function giveBack(share: Share): void {
    incomplete.delete(share);
    held -= share.octets;
    share.octets = 0;
  }

  return {
    get octets() {
      return held;
    },
    open(onEvicted) {
      const share: Share = { octets: 0, onEvicted };
      incomplete.add(share);
      return {
        take(octets) {
          if (!incomplete.has(share)) return false;
          share.octets += octets;
          held += octets;
          for (const other of incomplete) {
            if (held <= maxOctets) break;
            if (other === share) continue;
            giveBack(other);
            other.onEvicted();
          }
          if (held <= maxOctets) return true;
          giveBack(share);
          return false;
        },
        complete() {
          incomplete.delete(share);
        },
        release() {
          giveBack(share);
        },
      };
    },
  };
}
