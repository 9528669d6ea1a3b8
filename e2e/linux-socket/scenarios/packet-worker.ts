// Opens ten sockets on a worker thread, says so, and says what the first frame holds. Ends when it is terminated.
import { parentPort } from 'node:worker_threads';
import { openPacketSocket } from '@steelyard/linux-socket/packet';
import { ETHER_TYPE } from '../veth.ts';

let told = false;
for (let i = 0; i < 10; i++) {
  openPacketSocket({
    interfaceName: 'right',
    etherType: ETHER_TYPE,
    onFrames: (batch) => {
      if (!told) parentPort?.postMessage(batch.frame(0)[14]);
      told = true;
    },
  });
}
parentPort?.postMessage('open');
