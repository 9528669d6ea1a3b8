// A wire thread inside a namespace, in one gossip with others, driven by election.test.ts.
import { MessageChannel } from 'node:worker_threads';
import { LAN_CONFIG } from '@steelyard/memberlist';
import { type Memberlist, openMemberlist } from '@steelyard/memberlist/node';
import { openSpeakerWire } from '@steelyard/speaker-wire';
import { createDesiredStateSender, type DesiredStateEntry, type WireReport } from '@steelyard/speaker-wire/control';
import { serveRemote } from '../layer2/arp-remote-inside.ts';
import { PORT, SHORT_TIMES } from './times.ts';

/** What this node held at the end of the turn in which it was told of a member, and in which order it came to it. */
export interface Moment {
  readonly event: 'join' | 'leave';
  readonly node: string;
  /** Whether it was known already who takes part in the gossip. */
  readonly membersKnown: boolean;
  /** Those who count in an election. */
  readonly living: readonly string[];
  readonly owned: readonly string[];
  /** How many addresses the responders answer for: those that are owned, and those whose next owner is not heard yet. */
  readonly answered: number;
  /** Addresses that were announced and withdrawn between the event and the end of its turn. */
  readonly announced: readonly string[];
  readonly withdrawn: readonly string[];
}

const [nodeName = '', bindAddress = '', key = ''] = process.argv.slice(2);
const owned = new Set<string>();
const moments: Moment[] = [];
const complaints: string[] = [];
let announced: string[] = [];
let withdrawn: string[] = [];
let membersKnown = false;
let gossip: Memberlist | undefined;

const byText = (a: string, b: string): number => (a < b ? -1 : 1);
const living = (): string[] =>
  (gossip?.members() ?? [])
    .filter(({ status }) => status === 'alive' || status === 'suspect')
    .map(({ node }) => node)
    .toSorted(byText);
const answered = (): number => wire.statistics().interfaces.reduce((sum, { addresses }) => sum + addresses, 0);

/** What is queued here runs after what the wire thread queued for the event, and before anything that it awaits. */
const atTheEndOfTheTurn = (event: Moment['event'], node: string): void => {
  const from = { announced: announced.length, withdrawn: withdrawn.length };
  queueMicrotask(() =>
    moments.push({
      event,
      node,
      membersKnown,
      living: living(),
      owned: [...owned].toSorted(byText),
      answered: answered(),
      announced: announced.slice(from.announced),
      withdrawn: withdrawn.slice(from.withdrawn),
    }),
  );
};

const onReport = (report: WireReport): void => {
  if (report.type === 'state') membersKnown = report.membersKnown;
  if (report.type === 'announced') {
    owned.add(report.address);
    announced.push(report.address);
  }
  if (report.type === 'withdrawn' || report.type === 'interfaceMissing') {
    owned.delete(report.address);
    withdrawn.push(report.address);
  }
};

const quiet = (): void => {};
const wire = await openSpeakerWire({
  nodeName,
  gossip: {
    bindAddress,
    bindPort: PORT,
    config: { ...LAN_CONFIG, ...SHORT_TIMES },
    keys: [new Uint8Array(Buffer.from(key, 'hex'))],
    async open(options) {
      gossip = await openMemberlist({
        ...options,
        onJoin(member) {
          options.onJoin?.(member);
          atTheEndOfTheTurn('join', member.node);
        },
        onLeave(member) {
          options.onLeave?.(member);
          atTheEndOfTheTurn('leave', member.node);
        },
      });
      return gossip;
    },
  },
  onReport,
  log: { debug: quiet, info: quiet, warn: quiet, error: (_, message) => void complaints.push(message) },
});
const { port1, port2 } = new MessageChannel();
wire.attachControl(port1);
const sender = createDesiredStateSender(port2, { onRefused: ({ message }) => void complaints.push(message) });

const calls = {
  /** Sends what may be announced, and who else there may be; the gossip is entered then. */
  enter(entries: readonly DesiredStateEntry[], peers: readonly string[]): void {
    sender.peers(peers);
    sender.snapshot(entries);
  },
  /** What this node holds now. */
  now: () => ({ membersKnown, living: living(), owned: [...owned].toSorted(byText), answered: answered() }),
  /** All moments since it was asked last. */
  moments(): readonly Moment[] {
    announced = [];
    withdrawn = [];
    return moments.splice(0);
  },
  complaints: (): readonly string[] => complaints,
  /** Begins to leave: it says goodbye, and holds what it has until others announce it. */
  leave(timeoutMs: number): void {
    void wire.leave(timeoutMs);
  },
  async close(): Promise<void> {
    sender.close();
    await wire.close();
  },
};
/** What the test may call. */
export type ElectionCalls = typeof calls;
serveRemote(calls);
