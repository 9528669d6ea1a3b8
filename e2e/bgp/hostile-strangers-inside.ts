// Runs inside a namespace: many connections to a port, from one address or from many, and what becomes of them.
import { connect, type Socket } from 'node:net';
import type { StrangersAsked, StrangersMet } from './hostile-strangers.ts';

const asked = JSON.parse(process.argv[2] ?? '{}') as StrangersAsked;
const met: Record<'connected' | 'refused' | 'closed' | 'heard', number> = {
  connected: 0,
  refused: 0,
  closed: 0,
  heard: 0,
};
const said = new Set<string>();
const sockets = new Set<Socket>();

function call(localAddress: string | undefined): void {
  const socket = connect({ host: asked.host, port: asked.port, localAddress });
  sockets.add(socket);
  let octets = '';
  socket.on('connect', () => {
    met.connected += 1;
    if (asked.say !== undefined) socket.write(Buffer.from(asked.say, 'hex'));
  });
  socket.on('data', (chunk) => {
    octets += chunk.toString('hex');
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    met.closed += 1;
    if (octets !== '') {
      met.heard += 1;
      said.add(octets);
    }
    sockets.delete(socket);
  });
  // Half open as the other end leaves it: a stranger does not go by himself.
  if (asked.stay === true) socket.allowHalfOpen = true;
}

for (let i = 0; i < asked.count; i++) call(asked.sources?.[i % asked.sources.length]);
const beganMs = performance.now();
const timer = setInterval(() => {
  const done = met.closed === asked.count;
  if (!done && performance.now() - beganMs < asked.forMs) return;
  clearInterval(timer);
  const answer: StrangersMet = { ...met, open: sockets.size, said: [...said] };
  process.stdout.write(`met ${JSON.stringify(answer)}\n`);
  for (const socket of sockets) socket.destroy();
}, 20);
