import { MessageChannel, type MessagePort, Worker, workerData } from 'node:worker_threads';
import { openSpeakerWire } from '@steelyard/speaker-wire';
import { createDesiredStateSender, type WireReport } from '@steelyard/speaker-wire/control';

const nodeName = 'node-a';
const { port } = (workerData ?? {}) as { readonly port?: MessagePort };

if (port === undefined) {
  // The wire thread: the process's main thread.
  const { port1, port2 } = new MessageChannel();
  const log = (_: object, message: string): void => console.log(message);
  const wire = await openSpeakerWire({ nodeName, log: { debug: log, info: log, warn: log, error: log } });
  wire.attachControl(port1);
  new Worker(new URL(import.meta.url), { workerData: { port: port2 }, transferList: [port2] });
  process.once('SIGTERM', () => process.exit(0));
} else {
  // The control thread: it may parse as much JSON as it likes.
  const tell = (report: WireReport): void => console.log(JSON.stringify(report));
  const sender = createDesiredStateSender(port, { onReports: (reports) => reports.forEach(tell) });
  const address = '192.0.2.1';
  const candidates = [{ node: nodeName, score: 0 }];
  sender.snapshot([
    { serviceKey: 'default/web', address, electionAddress: address, candidates, interfaces: 'all', pool: 'pool' },
  ]);
}
