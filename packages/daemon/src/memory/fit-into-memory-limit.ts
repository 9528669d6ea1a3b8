import { setFlagsFromString } from 'node:v8';
import { readMemoryLimit } from '../cgroup/memory-limit.ts';
import { type MemoryBudget, type MemoryNeeds, memoryBudget } from './memory-budget.ts';

/**
 * Divides the memory limit of this process's container, and where it is tight tells V8 to prefer size to speed, in this thread and
 * in all that are started later. To be called before the work begins.
 *
 * V8 sets its limits by the memory of the machine: in a container that may hold 100 MiB a heap grows on to 384, and the kernel
 * ends the process on the way. With a limit of its own the thread ends instead, says so, and can be started again.
 */
export function fitIntoMemoryLimit(
  needs: MemoryNeeds,
  limitOctets: number | undefined = readMemoryLimit(),
): MemoryBudget {
  const budget = memoryBudget(limitOctets, needs);
  if (budget.tight) setFlagsFromString('--optimize-for-size');
  return budget;
}
