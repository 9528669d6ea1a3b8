import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Namespace } from '@steelyard/testkit';
import { type Segment, tcpSegments } from './pcap.ts';

/** What an interface has heard of BGP since the capture began. */
export interface Capture extends AsyncDisposable {
  /** As far as it was written, with the times of the kernel. */
  segments(): Segment[];
  /** Ends the capture, so that all of it is written. */
  stop(): Promise<void>;
}

/**
 * Captures at an interface with tcpdump.
 *
 * @param snapOctets - Of each packet so many.
 */
export async function startCapture(namespace: Namespace, ifname: string, snapOctets: number): Promise<Capture> {
  const folder = mkdtempSync(join(tmpdir(), 'bgp-capture-'));
  const file = join(folder, 'capture.pcap');
  const options = [
    '-U',
    '--immediate-mode',
    '-n',
    '-B',
    '65536',
    '-s',
    String(snapOctets),
    '--time-stamp-precision=nano',
    '-Z',
    'root',
  ];
  const tcpdump = namespace.spawn('tcpdump', ['-i', ifname, ...options, '-w', file, 'tcp', 'port', '179'], {
    name: 'tcpdump',
  });
  await tcpdump.waitForLine(/listening on/);
  const stop = async (): Promise<void> => {
    tcpdump.kill('SIGINT');
    await tcpdump.ended;
  };
  return {
    segments: () => tcpSegments(new Uint8Array(readFileSync(file))),
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
