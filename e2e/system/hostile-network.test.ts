import { fileURLToPath } from 'node:url';
import { type Cable, probeArp, probeNdp, waitUntil, watchArp, watchNdp } from '@steelyard/testkit';
import { describeLab } from '@steelyard/testkit/vitest';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { StormOrder } from './hostile-network-storm-inside.ts';
import { gossiping, openSpeakerLan, type Speaker, type SpeakerLan, tellSpeakersOnFailure } from './speaker-lan.ts';

const METRICS_PORT = 9_120;
let running: Speaker[] = [];
tellSpeakersOnFailure(() => running);

/** The sum over all series of a metric. */
async function metric(bed: SpeakerLan, { node }: Speaker, name: string): Promise<number> {
  const authorization = `Authorization: Bearer ${bed.api.token}`;
  const { stdout } = await node.namespace.run('curl', [
    '-sf',
    '-H',
    authorization,
    `http://127.0.0.1:${METRICS_PORT}/metrics`,
  ]);
  const series = stdout.split('\n').filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  if (series.length === 0) throw new Error(`no metric ${name}:\n${stdout}`);
  return series.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

describeLab(
  'a host on the LAN that claims all addresses, six thousand times a second, each time with another MAC',
  () => {
    const FRAMES = 20_000;
    const FRAMES_PER_SECOND = 6_000;
    /** What is told of conflicts in a second, and how long a claim is held back. */
    const [MOST_PER_SECOND, GRACE_SECONDS] = [20, 2];
    /** What V8 keeps until it needs to collect. */
    const GROWTH_MIB = 48;
    /** Its own, or nobody’s. */
    const STORM_MAC = /^(02:66:|ff:ff:)/;
    let bed: SpeakerLan;
    let attacker: Cable;

    beforeAll(async () => {
      bed = await openSpeakerLan({ nodeCount: 3, serviceCount: 6, reviews: true });
      const { lab, hub, nodes } = bed.lan;
      attacker = await lab.attach(await lab.namespace('attacker'), hub);
      const flags = [`--port=${METRICS_PORT}`, '--metrics-plain-http'];
      running = nodes.map((node) => bed.start(node, gossiping(node, undefined, { flags })));
      await Promise.all(running.map((speaker) => speaker.waitUntilReadyzSays('ok')));
    });
    afterAll(() => bed?.[Symbol.asyncDispose]());

    async function storm(): Promise<{ readonly sent: number; readonly framesPerSecond: number }> {
      const { addresses } = bed;
      const order: StormOrder = {
        interfaceName: attacker.ifname,
        addresses,
        frames: FRAMES,
        framesPerSecond: FRAMES_PER_SECOND,
      };
      const program = fileURLToPath(new URL('hostile-network-storm-inside.ts', import.meta.url));
      const args = ['--conditions=@steelyard/source', program, JSON.stringify(order)];
      const { stdout } = await attacker.namespace.run(process.execPath, args, { timeoutMs: 60_000 });
      return JSON.parse(stdout) as { sent: number; framesPerSecond: number };
    }

    test('takes nothing away, is told in bounds and by its MACs, and leaves all as it was', async () => {
      const owners = await bed.owners();
      const owning = running.filter(({ node }) => Object.values(owners).includes(node.name));
      const before = await Promise.all(
        owning.map(async (speaker) => ({
          conflicts: await metric(bed, speaker, 'steelyard_address_conflicts_total'),
          lines: speaker.records.length,
          rssMib: speaker.rssMib(),
        })),
      );
      const startedMs = performance.now();
      let over = false;
      const storming = storm().finally(() => {
        over = true;
      });
      // Answers go on: each owner is heard in the midst of it.
      let rounds = 0;
      while (!over) {
        const answers = await bed.answering([...bed.addresses, ...bed.addresses, ...bed.addresses]);
        const nodes = Object.entries(answers).map(([address, names]) => [
          address,
          names.filter((name) => name.startsWith('node')),
        ]);
        expect(Object.fromEntries(nodes)).toEqual(
          Object.fromEntries(Object.entries(owners).map(([address, name]) => [address, [name]])),
        );
        rounds += 1;
      }
      expect(await storming).toMatchObject({ sent: FRAMES });
      expect(rounds).toBeGreaterThan(0);

      // What was held back is told by then.
      const told = (): number =>
        running.reduce((sum, speaker) => sum + speaker.recordsWith({ msg: 'address conflict' }).length, 0);
      let last = -1;
      await waitUntil(
        'the last conflict to be told',
        () => {
          const now = told();
          const isQuiet = now === last;
          last = now;
          return isQuiet;
        },
        { intervalMs: 1_000 * (GRACE_SECONDS + 1) },
      );
      const seconds = (performance.now() - startedMs) / 1_000;
      for (const [i, speaker] of owning.entries()) {
        const { lines = 0, rssMib = 0 } = before[i] ?? {};
        const since = speaker.records.slice(lines);
        const conflicts = since.filter(({ msg }) => msg === 'address conflict');
        expect(conflicts.length).toBeGreaterThan(0);
        expect(conflicts.length).toBeLessThanOrEqual(MOST_PER_SECOND * Math.ceil(seconds));
        for (const { theirMac } of conflicts) expect(theirMac).toMatch(STORM_MAC);
        // The metric counts those too that were left out of the log.
        const suppressed = conflicts.reduce((sum, record) => sum + Number(record['suppressed'] ?? 0), 0);
        const counted = (await metric(bed, speaker, 'steelyard_address_conflicts_total')) - (before[i]?.conflicts ?? 0);
        expect(counted).toBeGreaterThanOrEqual(conflicts.length + suppressed);
        // Nothing else was worth a line.
        expect(since.filter(({ msg }) => msg !== 'address conflict')).toEqual([]);
        expect(speaker.rssMib() - rssMib).toBeLessThan(GROWTH_MIB);
        expect(speaker.process.end).toBeUndefined();
      }
      expect(await bed.owners()).toEqual(owners);
    });

    test('makes a few Events for each Service, with a MAC in each', async () => {
      const { items } = (await bed.kube.get('/api/v1/events')) as {
        items: { reason: string; message: string; involvedObject: { name: string } }[];
      };
      const conflicts = items.filter(({ reason }) => reason === 'AddressConflict');
      expect(conflicts.length).toBeGreaterThan(0);
      const most = Math.max(
        ...Object.values(Object.groupBy(conflicts, ({ involvedObject }) => involvedObject.name)).map(
          (of = []) => of.length,
        ),
      );
      expect(most).toBeLessThanOrEqual(25); // client-go's burst
      for (const { message } of conflicts) expect(message).toMatch(/its MAC is (02:66:|ff:ff:)/);
    });
  },
);

describeLab('a network card that vanishes while five hundred addresses are being announced on it', () => {
  const TIMES = 4;
  let bed: SpeakerLan;

  beforeAll(async () => {
    bed = await openSpeakerLan({ nodeCount: 1, serviceCount: 250 });
  });
  afterAll(() => bed?.[Symbol.asyncDispose]());

  test('and comes back by the same name with another MAC, again and again, has them all announced anew', async () => {
    const { lan, addresses } = bed;
    const [node] = lan.nodes;
    if (node === undefined) throw new Error('there is no node');
    let { cable } = node;
    await using arp = await watchArp(lan.client.cable);
    await using ndp = await watchNdp(lan.client.cable);
    const speaker = bed.start(node);
    running = [speaker];
    const announced = (): ReadonlySet<string> =>
      new Set([
        ...arp.frames.filter(({ senderMac }) => senderMac === cable.mac).map(({ senderIp }) => senderIp),
        ...ndp.unsolicited.filter(({ linkLayerAddress }) => linkLayerAddress === cable.mac).map(({ target }) => target),
      ]);
    const families = (seen: ReadonlySet<string>): number =>
      new Set([...seen].map((address) => address.includes(':'))).size;
    for (let i = 0; i < TIMES; i += 1) {
      await waitUntil('some of each family to be announced', () => families(announced()) === 2, { intervalMs: 2 });
      await cable.detach();
      arp.clear();
      ndp.clear();
      cable = await lan.lab.attach(node.namespace, lan.hub, { addresses: node.cable.addresses });
    }
    await waitUntil('all to be announced', () => addresses.every((address) => announced().has(address)), {
      timeoutMs: 30_000,
    });
    const macs = new Map<string, string>();
    const unanswered = async (): Promise<readonly string[]> => {
      const asked = addresses.filter((address) => !macs.has(address));
      const [ipv4, ipv6] = [asked.filter((one) => !one.includes(':')), asked.filter((one) => one.includes(':'))];
      const replies = [
        ...(ipv4.length === 0 ? [] : await probeArp(lan.client.cable, { addresses: ipv4, intervalMs: 1 })),
        ...(ipv6.length === 0 ? [] : await probeNdp(lan.client.cable, { addresses: ipv6, intervalMs: 1 })),
      ];
      for (const { address, mac } of replies) macs.set(address, mac);
      return addresses.filter((address) => !macs.has(address));
    };
    await expect.poll(unanswered).toEqual([]);
    expect(new Set(macs.values())).toEqual(new Set([cable.mac]));
    expect(speaker.process.end).toBeUndefined();
    expect(speaker.recordsWith({ level: /error|warn/ })).toEqual([]);
    // To the Services nothing has happened: no line, no Event and no status of theirs was worth it.
    expect(speaker.recordsWith({ event: 'serviceAnnounced' })).toHaveLength(addresses.length);
    expect(speaker.recordsWith({ event: 'serviceWithdrawn' })).toEqual([]);
    await bed.stopAll();
  });
});

describeLab('a speaker that is to announce everything anew each second', () => {
  let bed: SpeakerLan;

  beforeAll(async () => {
    bed = await openSpeakerLan({ nodeCount: 1, serviceCount: 2 });
  });
  afterAll(() => bed?.[Symbol.asyncDispose]());
  afterEach(() => bed.stopAll());

  test('does so in both families, until the Service goes', async () => {
    const { lan, addresses } = bed;
    const [node] = lan.nodes;
    if (node === undefined) throw new Error('there is no node');
    await using arp = await watchArp(lan.client.cable);
    await using ndp = await watchNdp(lan.client.cable);
    running = [bed.start(node, { env: { METALLB_GRATUITOUS_ARP_INTERVAL: '1' } })];
    const rounds = (address: string): number =>
      address.includes(':')
        ? ndp.unsolicited.filter(({ target }) => target === address).length
        : arp.frames.filter(({ senderIp, operation }) => senderIp === address && operation === 1).length;
    const enough = (least: number, of: readonly string[]): Promise<boolean> =>
      waitUntil(`${least} announcements`, () => of.every((address) => rounds(address) >= least), { timeoutMs: 40_000 });
    // More than MetalLB's five seconds after a change have.
    await enough(8, addresses);
    await bed.deleteService(0);
    await running[0]?.waitForRecord({ event: 'serviceWithdrawn', service: 'default/web-0' });
    await enough(rounds(addresses[2] ?? '') + 2, addresses.slice(2));
    arp.clear();
    ndp.clear();
    await enough(2, addresses.slice(2));
    expect(addresses.map(rounds).slice(0, 2)).toEqual([0, 0]);
  });
});
