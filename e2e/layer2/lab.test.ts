import { fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readlinkSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type Lab, openLab, spawnBound, waitUntil } from '@steelyard/testkit';
import { describeLab } from '@steelyard/testkit/vitest';
import { afterEach, expect, test } from 'vitest';

/** The network namespaces that some process lives in. */
function inhabitedNamespaces(): Set<string> {
  const found = new Set<string>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      found.add(readlinkSync(`/proc/${entry}/ns/net`));
    } catch {
      // Ended meanwhile, or another user's.
    }
  }
  return found;
}

describeLab('the lab', () => {
  let lab: Lab | undefined;
  const pinned: number[] = [];
  afterEach(async () => {
    await lab?.close();
    for (const descriptor of pinned.splice(0)) closeSync(descriptor);
  });

  /** The number of a namespace, which no other namespace gets before the test ends. */
  function pinNamespace(holderPid: number): string {
    pinned.push(openSync(`/proc/${holderPid}/ns/net`, 'r'));
    return readlinkSync(`/proc/${holderPid}/ns/net`);
  }

  test('two nodes reach each other over a switch, until the cable is cut, and again when it is whole', async () => {
    lab = await openLab();
    const hub = await lab.switch('hub');
    const [a, b] = [await lab.namespace('a'), await lab.namespace('b')];
    const cable = await lab.attach(a, hub, { mac: '02:00:5e:00:53:01', addresses: ['192.0.2.1/24', '2001:db8::1/64'] });
    await lab.attach(b, hub, { addresses: ['192.0.2.2/24', '2001:db8::2/64'] });
    const ping = async (address: string): Promise<boolean> => {
      const args = ['1', 'bash', '-c', `exec 3<>/dev/tcp/${address}/9`];
      const result = await b.run('timeout', args, { allowFailure: true });
      return result.stderr.includes('Connection refused'); // whoever refuses is there
    };
    expect(await ping('192.0.2.1')).toBe(true);
    expect(await ping('2001:db8::1')).toBe(true);
    const { stdout } = await b.run('ip', ['neigh', 'show', '192.0.2.1']);
    expect(stdout).toContain('02:00:5e:00:53:01');

    await cable.cut();
    expect(await ping('192.0.2.1')).toBe(false);
    expect((await a.run('ip', ['link', 'show', 'eth0'])).stdout).toContain('NO-CARRIER');
    await cable.restore();
    await waitUntil('the cable to carry again', () => ping('192.0.2.1'));
    await cable.silence();
    expect(await ping('192.0.2.1')).toBe(false);
    expect((await a.run('ip', ['link', 'show', 'eth0'])).stdout).not.toContain('NO-CARRIER');
    await cable.restore();
    expect(await ping('192.0.2.1')).toBe(true);
  });

  test('a router between two switches forwards, by sysctl and routes', async () => {
    lab = await openLab();
    const [left, right] = [await lab.switch('left'), await lab.switch('right')];
    const [client, router, server] = [
      await lab.namespace('client'),
      await lab.namespace('router'),
      await lab.namespace('server'),
    ];
    await lab.attach(client, left, { addresses: ['192.0.2.10/24'] });
    await lab.attach(router, left, { ifname: 'left', addresses: ['192.0.2.1/24'] });
    await lab.attach(router, right, { ifname: 'right', addresses: ['198.51.100.1/24'] });
    await lab.attach(server, right, { addresses: ['198.51.100.10/24'] });
    await router.writeSysctl('net.ipv4.ip_forward', 1);
    await client.addRoute('default', '192.0.2.1');
    await server.addRoute('default', '198.51.100.1');
    const result = await client.run('bash', ['-c', 'exec 3<>/dev/tcp/198.51.100.10/9'], { allowFailure: true });
    expect(result.stderr).toContain('Connection refused');
  });

  test('nftables rules can be set inside', async () => {
    lab = await openLab();
    const node = await lab.namespace('node');
    await node.run('nft', ['-f', '-'], { input: 'table ip demo {\n}\n' });
    expect((await node.run('nft', ['list', 'ruleset'])).stdout).toContain('table ip demo');
  });

  test('a failing command says which, where, and what it printed', async () => {
    lab = await openLab();
    const node = await lab.namespace('node');
    await expect(node.run('ip', ['link', 'show', 'nowhere'])).rejects.toThrow(
      /^node: ip link show nowhere: ended with 1: Device "nowhere" does not exist/,
    );
    await expect(node.run('sleep', ['10'], { timeoutMs: 50 })).rejects.toThrow(/not finished after 50 ms/);
  });

  test('closing ends what runs inside, also what a program has left behind', async () => {
    lab = await openLab();
    const node = await lab.namespace('node');
    const identity = pinNamespace(node.holderPid);
    const daemon = node.spawn('sh', ['-c', 'sleep 1000 & echo started; exec sleep 1000']);
    await daemon.waitForLine(/started/);
    await lab.close();
    expect(await daemon.ended).toMatchObject({ signal: 'SIGTERM' });
    await waitUntil('all inside to go', () => !inhabitedNamespaces().has(identity));
    await expect(async () => node.run('true', [])).rejects.toThrow('the namespace node is closed');
  });

  test('a process that ends before it is ready is an error with its last words', async () => {
    await using failing = spawnBound('sh', ['-c', 'echo no such luck >&2; exit 3']);
    await expect(failing.waitForLine(/^ready$/)).rejects.toThrow(/ended with 3 .*\n.*no such luck/);
  });

  test.for<[how: string, end: (victim: ReturnType<typeof fork>) => void]>([
    ['kill -9', (victim) => victim.kill('SIGKILL')],
    ['Ctrl-C', (victim) => victim.kill('SIGINT')],
    ['an uncaught exception', (victim) => victim.send('throw')],
  ])('nothing is left behind after %s', async ([, end]) => {
    const interfacesBefore = await hostInterfaces();
    const victim = fork(new URL('lab-victim.ts', import.meta.url), {
      execArgv: ['--conditions=@steelyard/source'],
      silent: true,
    });
    if (victim.stdout === null) throw new Error('the victim has no standard output');
    const [line] = (await once(createInterface({ input: victim.stdout }), 'line')) as [string];
    const namespaces = (JSON.parse(line) as { holderPids: number[] }).holderPids.map(pinNamespace);
    expect([...inhabitedNamespaces()]).toEqual(expect.arrayContaining(namespaces));
    expect(await hostInterfaces(), 'the namespace of this process stays as it is').toEqual(interfacesBefore);
    const ended = once(victim, 'exit');
    end(victim);
    await ended;
    await waitUntil('all inside to go', () => {
      const inhabited = inhabitedNamespaces();
      return !namespaces.some((identity) => inhabited.has(identity));
    });
  });
});

async function hostInterfaces(): Promise<string[]> {
  await using listing = spawnBound('ip', ['-o', 'link']);
  await listing.ended;
  return listing.lines.map((line) => line.split(':')[1] ?? '');
}
