import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from 'vitest';
import { type ControlGroup, describeLimited, LIMITS, makeControlGroup } from './throttled-control-group.ts';

const DAEMON = new URL('../../packages/daemon/src/index.ts', import.meta.url).href;
/** It waits to be put into its group, tells the limit that it sees, and then takes all the CPU that it gets. */
const PROGRAM = `
  const { fitIntoMemoryLimit, readMemoryLimit, watchCpuThrottling, watchEventLoopStalls } = await import('${DAEMON}');
  const tell = (what) => process.stdout.write(JSON.stringify(what) + '\\n');
  process.stdin.once('data', () => {
    tell({ limit: readMemoryLimit(), ...fitIntoMemoryLimit({ heapMib: 384, besidesMib: 56 }) });
    watchCpuThrottling({ intervalMs: 500, onThrottled: (throttling) => tell({ throttling }) });
    watchEventLoopStalls({ intervalMs: 500, thresholdMs: 100, onStall: (stall) => tell({ stall }) });
    setInterval(() => { for (const until = process.cpuUsage().user + 60_000; process.cpuUsage().user < until; ); }, 1);
  });
  tell({ ready: true });
`;

describeLimited('a process in a control group of 100m CPU and 100Mi memory', () => {
  let group: ControlGroup | undefined;
  let child: ReturnType<typeof spawn> | undefined;
  afterEach(async () => {
    child?.kill('SIGKILL');
    await group?.remove();
  });

  test('knows its memory limit, that it is throttled, and that its event loop stands still', async () => {
    const told: Record<string, unknown>[] = [];
    const args = ['--conditions=@steelyard/source', '--input-type=module', '--eval', PROGRAM];
    const started = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    child = started;
    createInterface(started.stdout).on('line', (line) => told.push(JSON.parse(line)));
    await expect.poll(() => told).toEqual([{ ready: true }]);

    group = makeControlGroup(`steelyard-process-${process.pid}`) ?? expect.fail('no control group');
    group.enter(started.pid ?? expect.fail('no process'));
    started.stdin.write('go\n');

    await expect
      .poll(() => new Set(told.flatMap((one) => Object.keys(one))))
      .toEqual(new Set(['ready', 'limit', 'heapMib', 'limitMib', 'tight', 'tooSmall', 'throttling', 'stall']));
    expect(told[1]).toEqual({
      limit: LIMITS.memoryOctets,
      heapMib: 44,
      limitMib: 100,
      tight: true,
      tooSmall: false,
    });
    expect(told.find((one) => 'throttling' in one)).toMatchObject({
      throttling: {
        throttledMs: expect.any(Number),
        throttledPeriods: expect.any(Number),
        periods: expect.any(Number),
        intervalMs: expect.any(Number),
      },
    });
  });
});
