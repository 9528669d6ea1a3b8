// A wire thread inside a namespace with control threads as the test wants them, driven by speaker-wire.test.ts.
import { MessageChannel, Worker } from 'node:worker_threads';
import { openSpeakerWire } from '@steelyard/speaker-wire';
import type { DesiredStateEntry } from '@steelyard/speaker-wire/control';
import { serveRemote, tell } from './arp-remote-inside.ts';
import type { ControlData, ControlOrder } from './speaker-wire-control.ts';

const logged: string[] = [];
const log = (_: object, message: string): void => void logged.push(message);
const wire = await openSpeakerWire({
  nodeName: 'node-a',
  isInterfaceExcluded: (name) => name.startsWith('docker'),
  log: { debug: log, info: log, warn: log, error: log },
});
let control: Worker | undefined;
let release = new Int32Array(new SharedArrayBuffer(4));

const calls = {
  /** Starts a control thread; an earlier one is left to its fate. */
  start(entries: readonly DesiredStateEntry[], half = false): void {
    const { port1, port2 } = new MessageChannel();
    release = new Int32Array(new SharedArrayBuffer(4));
    const workerData: ControlData = { port: port2, entries, half, release: release.buffer as SharedArrayBuffer };
    const worker = new Worker(new URL('./speaker-wire-control.ts', import.meta.url), {
      workerData,
      transferList: [port2],
      resourceLimits: { maxOldGenerationSizeMb: 48 },
    });
    worker.on('message', (message) => tell(message));
    worker.on('error', (error: NodeJS.ErrnoException) => tell({ died: error.code ?? error.message }));
    worker.on('exit', () => tell({ exited: true }));
    wire.attachControl(port1);
    control = worker;
  },
  order: (order: ControlOrder): void => control?.postMessage(order),
  async kill(): Promise<void> {
    await control?.terminate();
  },
  release(): void {
    Atomics.store(release, 0, 1);
    Atomics.notify(release, 0);
  },
  statistics: () => wire.statistics(),
  logged: (): readonly string[] => logged,
  beat: (): number => new Int32Array(wire.beat)[0] ?? 0,
};
/** What the test may call. */
export type WireCalls = typeof calls;
serveRemote(calls);
