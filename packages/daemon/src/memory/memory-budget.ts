/** How a process divides the memory that its container may hold. */
export interface MemoryBudget {
  /** The old generation of the thread that holds most: `resourceLimits.maxOldGenerationSizeMb` of its Worker. */
  readonly heapMib: number;
  /** The limit that it follows from; undefined where there is none. */
  readonly limitMib: number | undefined;
  /** Whether the heap is smaller than wanted: then memory matters more than speed. */
  readonly tight: boolean;
  /** Whether even the least heap does not fit: sooner or later the kernel ends this process. */
  readonly tooSmall: boolean;
}

/** What a process needs. */
export interface MemoryNeeds {
  /** The heap that it would have without a limit. */
  readonly heapMib: number;
  /** What it holds besides: other threads, code, buffers, and the pages of the program that must stay to be run. */
  readonly besidesMib: number;
  /** With less it cannot do anything. By default 16. */
  readonly leastHeapMib?: number;
}

const OCTETS_PER_MIB = 2 ** 20;
const LEAST_HEAP_MIB = 16;

/**
 * How large a heap may be so that running out of it ends the thread that has it, and not the kernel the process.
 *
 * @param limitOctets - Undefined where there is none.
 */
export function memoryBudget(limitOctets: number | undefined, needs: MemoryNeeds): MemoryBudget {
  const { heapMib, besidesMib, leastHeapMib = LEAST_HEAP_MIB } = needs;
  if (limitOctets === undefined) return { heapMib, limitMib: undefined, tight: false, tooSmall: false };
  const limitMib = Math.floor(limitOctets / OCTETS_PER_MIB);
  const roomMib = limitMib - besidesMib;
  const least = Math.min(leastHeapMib, heapMib);
  return {
    heapMib: Math.max(least, Math.min(heapMib, roomMib)),
    limitMib,
    tight: roomMib < heapMib,
    tooSmall: roomMib < least,
  };
}
