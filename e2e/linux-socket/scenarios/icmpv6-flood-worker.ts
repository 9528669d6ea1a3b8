// Sends Echo Requests out of `left` to all nodes until it is terminated, some thousands a turn, and says when the first have left.
import { parentPort } from 'node:worker_threads';
import { openIcmpv6Socket } from '@steelyard/linux-socket/icmpv6';
import { ALL_NODES, ECHO_REQUEST, message } from '../ipv6.ts';

const socket = openIcmpv6Socket({ interfaceName: 'left', types: [ECHO_REQUEST], onMessages: () => {} });
const request = message(ECHO_REQUEST, [0, 0, 0, 0]);

function flood(): void {
  for (let i = 0; i < 2000; i++) socket.send(ALL_NODES, request);
  setImmediate(flood);
}

flood();
parentPort?.postMessage('flooding');
