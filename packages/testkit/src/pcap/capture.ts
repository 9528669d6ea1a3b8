import { resolve } from 'node:path';
import type { Cable } from '../lab/index.ts';
import { nodeProgram } from '../lab/node-program.ts';

/** A file that grows with what passes over a cable. */
export interface PcapCapture extends AsyncDisposable {
  readonly path: string;
  /** Ends the file, and says how many frames are in it. */
  close(): Promise<number>;
}

/**
 * Writes what passes over a cable, in both directions, to a pcap file.
 *
 * The frames are read where the bridge hands them on, for a packet socket at
 * the cable's own end does not see what its host sends.
 */
export async function openPcap(cable: Cable, path: string): Promise<PcapCapture> {
  const { namespace, bridge } = cable.switch;
  await namespace.ip([`link set ${bridge} promisc on`]);
  const file = resolve(path);
  const [program, args] = nodeProgram(new URL('./capture-inside.ts', import.meta.url), [bridge, cable.mac, file]);
  const capturing = namespace.spawn(program, args, { name: `capture to ${path}` });
  await capturing.waitForLine(/^capturing$/);
  const close = async (): Promise<number> => {
    await capturing.stop();
    const said = capturing.lines.find((line) => / frames$/.test(line));
    if (said === undefined) throw new Error(`the capture to ${path} broke off: ${capturing.lines.join('\n')}`);
    return Number.parseInt(said, 10);
  };
  return {
    path: file,
    close,
    async [Symbol.asyncDispose]() {
      await close();
    },
  };
}
