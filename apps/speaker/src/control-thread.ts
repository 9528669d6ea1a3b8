import { MessageChannel, Worker } from 'node:worker_threads';
import { errorText, type Logger } from '@steelyard/daemon';
import type { SpeakerWire } from '@steelyard/speaker-wire';
import type { ControlNotice, ControlOrder, ControlSettings } from './control-settings.ts';

const MIN_RESTART_DELAY_MS = 200;
const MAX_RESTART_DELAY_MS = 30_000;
/** A thread that lived so long has done its work; the next failure is a new one. */
const LIVED_WELL_MS = 60_000;

export interface ControlThreadOptions {
  readonly wire: Pick<SpeakerWire, 'attachControl'>;
  readonly settings: Omit<ControlSettings, 'port'>;
  readonly heapMib: number;
  /** The first thread could not even begin: a wrong setting, that no further attempt mends. */
  readonly onCannotStart: (error: Error) => void;
  readonly logger: Logger;
  /** Makes the thread. Default: a Worker of `control.js`. */
  readonly openWorker?: (settings: ControlSettings, heapMib: number) => Worker;
}

function openControlWorker(workerData: ControlSettings, heapMib: number): Worker {
  return new Worker(new URL('./control.js', import.meta.url), {
    name: 'control',
    workerData,
    transferList: [workerData.port],
    resourceLimits: { maxOldGenerationSizeMb: heapMib },
  });
}

/** The thread that reads Kubernetes, started again whenever it ends: what it last said stays in force meanwhile. */
export interface ControlThread {
  /** Whether it has read everything once since it was started. */
  readonly synced: boolean;
  /** How long the own Pod may take to stop, once that was read. */
  readonly gracePeriodSeconds: number | undefined;
  /** Lets it say its last words, and ends it. */
  stop(deadlineMs: number): Promise<void>;
}

export function startControlThread({
  wire,
  settings,
  heapMib,
  onCannotStart,
  logger,
  openWorker = openControlWorker,
}: ControlThreadOptions): ControlThread {
  let worker: Worker | undefined;
  let restart: NodeJS.Timeout | undefined;
  let delayMs = MIN_RESTART_DELAY_MS;
  let synced = false;
  let gracePeriodSeconds: number | undefined;
  let hasStarted = false;
  let stopping = false;

  function start(): void {
    const { port1, port2 } = new MessageChannel();
    const startedMs = performance.now();
    const started = openWorker({ ...settings, port: port2 }, heapMib);
    worker = started;
    wire.attachControl(port1);
    started.on('message', (notice: ControlNotice) => {
      hasStarted = true;
      if (notice.type === 'synced') synced = true;
      if (notice.type === 'gracePeriod') gracePeriodSeconds = notice.seconds;
    });
    started.on('error', (error) => {
      if (!hasStarted) {
        stopping = true;
        onCannotStart(error);
        return;
      }
      logger.error(
        { op: 'control', error: errorText(error) },
        'the control thread failed; what is announced stays announced',
      );
    });
    started.on('exit', (exitCode) => {
      worker = undefined;
      synced = false;
      if (stopping) return;
      if (performance.now() - startedMs > LIVED_WELL_MS) delayMs = MIN_RESTART_DELAY_MS;
      logger.warn({ op: 'control', exitCode, restartInMs: delayMs }, 'the control thread ended, starting it again');
      startLater();
    });
  }

  function startLater(): void {
    restart = setTimeout(() => {
      try {
        start();
      } catch (error) {
        // The system has no thread to give: out of process ids or memory. The wire needs neither.
        const pairs = { op: 'control', error: errorText(error), restartInMs: delayMs };
        logger.error(pairs, 'the control thread cannot be started; what is announced stays announced');
        startLater();
      }
    }, delayMs);
    delayMs = Math.min(delayMs * 2, MAX_RESTART_DELAY_MS);
  }

  start();
  return {
    get synced() {
      return synced;
    },
    get gracePeriodSeconds() {
      return gracePeriodSeconds;
    },
    async stop(deadlineMs) {
      stopping = true;
      clearTimeout(restart);
      const last = worker;
      if (last === undefined) return;
      const ended = new Promise<void>((resolve) => {
        last.once('exit', () => resolve());
      });
      last.postMessage({ type: 'stop' } satisfies ControlOrder);
      const timer = setTimeout(() => void last.terminate(), deadlineMs);
      await ended;
      clearTimeout(timer);
    },
  };
}
