// A control thread of the test: a worker that sends a desired state, and then suffers what it is told to.
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { createDesiredStateSender, type DesiredStateEntry } from '@steelyard/speaker-wire/control';

/** What the worker is given. */
export interface ControlData {
  readonly port: MessagePort;
  readonly entries: readonly DesiredStateEntry[];
  /** Begin a snapshot and never end it. */
  readonly half: boolean;
  /** Shared with the wire thread: 1 lets a blocked worker go on. */
  readonly release: SharedArrayBuffer;
}

/** What it can be told. */
export type ControlOrder =
  | {
      readonly order: 'change';
      readonly upserts: readonly DesiredStateEntry[];
      readonly removals: readonly DesiredStateEntry[];
    }
  | { readonly order: 'block' }
  | { readonly order: 'exhaust' }
  | { readonly order: 'counters' };

const { port, entries, half, release } = workerData as ControlData;

if (half) {
  port.postMessage({ type: 'snapshot-begin', session: 1, generation: 1 });
  port.postMessage({ type: 'entries', session: 1, generation: 2, entries });
  parentPort?.postMessage({ half: true });
} else {
  const sender = createDesiredStateSender(port, {
    onReports: (reports) => parentPort?.postMessage({ reports }),
    onRefused: (refusal) => parentPort?.postMessage({ refusal }),
  });
  sender.snapshot(entries);
  parentPort?.on('message', (message: ControlOrder) => {
    switch (message.order) {
      case 'change':
        sender.change(message.upserts, message.removals);
        break;
      case 'block':
        parentPort?.postMessage({ blocked: true });
        Atomics.wait(new Int32Array(release), 0, 0);
        parentPort?.postMessage({ released: true });
        break;
      case 'exhaust': {
        const hoard: unknown[] = [];
        for (;;) hoard.push(new Array(100_000).fill(1.5));
      }
      case 'counters':
        parentPort?.postMessage({ counters: sender.layer2Counters() });
        break;
    }
  });
}
