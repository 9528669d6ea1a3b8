// Runs inside a namespace: a BGP speaker that does what the process that started it says, and tells it what happens.
import type { Route } from '@steelyard/bgp';
import { type BgpCloseOptions, type BgpPeer, type BgpPeerOptions, openBgpSpeaker } from '@steelyard/bgp/node';
import type { SpeakerCommand, SpeakerNews } from './hostile-speaker.ts';

/** How often the event loop is asked whether it still turns. */
const TICK_MS = 10;

const tell = (news: SpeakerNews): void => {
  process.send?.(news);
};
const options = JSON.parse(process.argv[2] ?? '{}') as Parameters<typeof openBgpSpeaker>[0];
const speaker = await openBgpSpeaker({ ...options, onError: (error) => tell({ error: error.message }) });
const removed: BgpPeer[] = [];

let worstGapMs = 0;
let lastTickMs = performance.now();
setInterval(() => {
  const nowMs = performance.now();
  worstGapMs = Math.max(worstGapMs, nowMs - lastTickMs - TICK_MS);
  lastTickMs = nowMs;
}, TICK_MS);

function peerOf(name: string): BgpPeer {
  const peer = speaker.peers.find((one) => one.name === name);
  if (peer === undefined) throw new Error(`no peer ${name}`);
  return peer;
}

function* routesFrom(prefix: string, count: number, distinct: boolean): Generator<Route> {
  const [a = 10, b = 0] = prefix.split('.').map(Number);
  for (let i = 0; i < count; i++) {
    const route = { prefix: `${a}.${b + (i >> 16)}.${(i >> 8) & 255}.${i & 255}/32` };
    yield distinct ? { ...route, attributes: { communities: [i + 1] } } : route;
  }
}

async function obey(command: SpeakerCommand): Promise<unknown> {
  switch (command.do) {
    case 'addPeer': {
      const wanted = command.options as unknown as BgpPeerOptions;
      const onEvent = (event: unknown): void => tell({ peer: wanted.name ?? wanted.address, event });
      speaker.addPeer(command.quiet === true ? wanted : { ...wanted, onEvent });
      return undefined;
    }
    case 'announce': {
      // Resolved when they are given to the session, and not when they are sent: that is a status' matter.
      const routes = [...routesFrom(command.from, command.count, command.distinct ?? false)];
      peerOf(command.peer)
        .routes.patch({ add: routes })
        .catch((error: unknown) => tell({ error: String(error) }));
      return undefined;
    }
    case 'status':
      return peerOf(command.peer).status;
    case 'reset':
      peerOf(command.peer).reset(command.communication);
      return undefined;
    case 'closePeer': {
      const peer = peerOf(command.peer);
      removed.push(peer);
      const beganMs = performance.now();
      await peer.close(command.options as BgpCloseOptions);
      return performance.now() - beganMs;
    }
    case 'close': {
      const beganMs = performance.now();
      await speaker.close(command.options as BgpCloseOptions);
      return performance.now() - beganMs;
    }
    case 'usage': {
      for (let i = 0; i < 3; i++) {
        (globalThis as { gc?: () => void }).gc?.();
        await new Promise((resolve) => setTimeout(resolve, TICK_MS));
      }
      const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
      const sockets = process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
      const gapMs = worstGapMs;
      worstGapMs = 0;
      return { rssOctets: rss, heapOctets: heapUsed + external + arrayBuffers, sockets, worstGapMs: gapMs };
    }
  }
}

process.on('message', ({ id, command }: { readonly id: number; readonly command: SpeakerCommand }) => {
  obey(command).then(
    (answer) => tell({ id, answer }),
    (error: unknown) => tell({ id, refused: error instanceof Error ? error.message : String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
tell({ listeningPort: speaker.listeningPort ?? 0 });
