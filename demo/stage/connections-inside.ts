// Runs inside a namespace: opens TCP connections at a fixed rate, whatever became of those before, and prints what became of each.
import { connect } from 'node:net';
import type { Attempt, ConnectionOrder } from './connections.ts';

const order = JSON.parse(process.argv[2] ?? '') as ConnectionOrder;
let count = 0;

function open(): void {
  const number = count;
  const startedMs = performance.now();
  count += 1;
  const socket = connect({ host: order.address, port: order.port });
  let isTold = false;
  const tell = (connected: boolean): void => {
    socket.destroy();
    clearTimeout(patience);
    if (isTold) return;
    isTold = true;
    const attempt: Attempt = { number, startedMs, connected };
    process.stdout.write(`${JSON.stringify(attempt)}\n`);
  };
  const patience = setTimeout(tell, order.patienceMs, false);
  socket.on('connect', () => tell(true));
  socket.on('error', () => tell(false));
}

setInterval(open, order.intervalMs);
process.stdout.write('opening\n');
