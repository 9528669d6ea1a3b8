import { fileURLToPath } from 'node:url';
import type { BgpPeerOptions, BgpPeerStatus } from '@steelyard/bgp/node';
import { type Namespace, type WaitOptions, waitUntil } from '@steelyard/testkit';

/** What the process inside is told. */
export type SpeakerCommand =
  | { readonly do: 'addPeer'; readonly options: object; readonly quiet?: boolean }
  | {
      readonly do: 'announce';
      readonly peer: string;
      /** The first two octets of host routes that are counted up from there. */
      readonly from: string;
      readonly count: number;
      /** Each has a community of its own: nothing can be packed. */
      readonly distinct?: boolean;
    }
  | { readonly do: 'status'; readonly peer: string }
  | { readonly do: 'reset'; readonly peer: string; readonly communication?: string }
  | { readonly do: 'closePeer'; readonly peer: string; readonly options?: object }
  | { readonly do: 'close'; readonly options?: object }
  | { readonly do: 'usage' };

/** What it tells. */
export type SpeakerNews =
  | { readonly listeningPort: number }
  | { readonly error: string }
  | { readonly peer: string; readonly event: unknown }
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly refused: string };

/** What the process takes, after garbage was collected. */
export interface Usage {
  readonly rssOctets: number;
  /** The heap, and what lies outside it. */
  readonly heapOctets: number;
  readonly sockets: number;
  /** The longest time since the last question in which its event loop did not turn. */
  readonly worstGapMs: number;
}

/** A speaker in a process of its own, in a namespace. */
export interface HostileSpeaker {
  readonly pid: number;
  /** Everything that it has said, as JSON: where secrets must not be. */
  readonly said: readonly string[];
  /** What went wrong outside peers. */
  readonly errors: readonly string[];
  tell(command: SpeakerCommand): Promise<unknown>;
  addPeer(options: BgpPeerOptions, quiet?: boolean): Promise<void>;
  status(peer: string): Promise<BgpPeerStatus>;
  usage(): Promise<Usage>;
  /** Waits until its status is so. */
  until(
    peer: string,
    what: string,
    isSo: (status: BgpPeerStatus) => boolean,
    options?: WaitOptions,
  ): Promise<BgpPeerStatus>;
  stop(): Promise<void>;
}

const PATIENCE = { timeoutMs: 20_000, intervalMs: 5 };

/** Starts one; resolves when it is open. */
export async function startHostileSpeaker(namespace: Namespace, options: object): Promise<HostileSpeaker> {
  const program = fileURLToPath(new URL('./hostile-speaker-inside.ts', import.meta.url));
  const args = ['--expose-gc', '--conditions=@steelyard/source', program, JSON.stringify(options)];
  const inside = namespace.spawn(process.execPath, args, { name: `${namespace.name}: BGP speaker`, ipc: true });
  const waiting = new Map<number, (news: SpeakerNews) => void>();
  const said: string[] = [];
  const errors: string[] = [];
  let lastId = 0;
  const opened = Promise.withResolvers<void>();
  inside.child.on('message', (news: SpeakerNews) => {
    said.push(JSON.stringify(news));
    if ('id' in news) {
      waiting.get(news.id)?.(news);
      waiting.delete(news.id);
    } else if ('error' in news) errors.push(news.error);
    else if ('listeningPort' in news) opened.resolve();
  });
  const gone = inside.ended.then(({ code, signal }) => {
    throw new Error(`the speaker ended with ${signal ?? code}:\n${inside.lines.slice(-20).join('\n')}`);
  });
  gone.catch(() => {});
  await Promise.race([opened.promise, gone]);

  const tell: HostileSpeaker['tell'] = async (command) => {
    lastId += 1;
    const id = lastId;
    const { promise, resolve } = Promise.withResolvers<SpeakerNews>();
    waiting.set(id, resolve);
    inside.child.send({ id, command });
    const news = await Promise.race([promise, gone]);
    if ('refused' in news) throw new Error(`the speaker refuses ${command.do}: ${news.refused}`);
    return 'answer' in news ? news.answer : undefined;
  };
  const status: HostileSpeaker['status'] = async (peer) => (await tell({ do: 'status', peer })) as BgpPeerStatus;
  return {
    pid: inside.pid,
    said,
    errors,
    tell,
    async addPeer(wanted, quiet = false) {
      await tell({ do: 'addPeer', options: wanted, quiet });
    },
    status,
    usage: async () => (await tell({ do: 'usage' })) as Usage,
    async until(peer, what, isSo, wait = PATIENCE) {
      let last: BgpPeerStatus | undefined;
      const look = async (): Promise<BgpPeerStatus | undefined> => {
        last = await status(peer);
        return isSo(last) ? last : undefined;
      };
      try {
        return await waitUntil(`${peer}: ${what}`, look, wait);
      } catch (error) {
        throw new Error(`${String(error)}; it is ${JSON.stringify(last)}`, { cause: error });
      }
    },
    async stop() {
      await inside.stop();
    },
  };
}
