// Sends raw frames and keeps every neighbour message that comes in, driven by the tests of this folder.
import { openPacketSocket } from '@steelyard/linux-socket/packet';
import { serveRemote } from './arp-remote-inside.ts';

const [interfaceName = 'eth0'] = process.argv.slice(2);
const seen: string[] = [];
const socket = openPacketSocket({
  interfaceName,
  etherType: 0x86dd,
  receiveBufferOctets: 1 << 20,
  onFrames(batch) {
    for (let i = 0; i < batch.count; i++) {
      const frame = batch.frame(i);
      if (frame[20] === 58 && (frame[54] === 135 || frame[54] === 136)) seen.push(Buffer.from(frame).toString('hex'));
    }
  },
});

const calls = {
  /** Frames as hexadecimal digits, in their order, each sent `times` times. */
  async send(frames: readonly string[], times = 1): Promise<void> {
    for (const hex of frames) {
      const frame = Buffer.from(hex, 'hex');
      for (let i = 0; i < times; i++) {
        while (!socket.send(frame)) await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
  },
  /** All neighbour messages so far, those of an earlier call included. */
  seen: (): readonly string[] => seen,
  forget: (): void => {
    seen.length = 0;
  },
};
/** What a test may call. */
export type FrameCalls = typeof calls;
serveRemote(calls);
