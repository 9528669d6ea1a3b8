import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { openBgpSpeaker } from './open-bgp-speaker.ts';

const folder = new URL('../../', import.meta.url);
const wait = { timeout: 30_000 };

function read(path: string): string {
  return readFileSync(new URL(path, folder), 'utf8');
}

test('the example announces, and withdraws when it is told to stop', { timeout: 90_000 }, async () => {
  await using router = await openBgpSpeaker({
    asn: 64_496,
    routerId: '127.94.9.1',
    listen: { address: '127.94.9.1', port: 0, dynamic: [{ prefix: '127.0.0.0/8', options: { asn: 64_500 } }] },
  });
  const args = ['127.94.9.1', '64496', '64500', '127.94.9.9', String(router.listeningPort)];
  const example = fileURLToPath(new URL('examples/announce.ts', folder));
  const child = spawn(process.execPath, ['--conditions=@steelyard/source', example, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  await expect.poll(() => printed, wait).toMatch(/127\.94\.9\.1 sends packets for 192\.0\.2\.1 to 127\.0\.0\.1/u);
  const [seen] = router.peers;
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
  await expect.poll(() => seen?.status.lastError, wait).toMatch(/Administrative Shutdown/u);
});

test('the README quotes it', () => {
  expect(read('README.md')).toContain(`\`\`\`ts\n${read('examples/announce.ts')}\`\`\``);
});

test('the README lists exactly the error codes of the sources', () => {
  const sources = readdirSync(new URL('src', folder), { recursive: true })
    .map(String)
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map((path) => read(`src/${path}`))
    .join('\n');
  const codes = (text: string) => [...new Set(text.match(/ERR_BGP_[A-Z_]+/gu))].sort((a, b) => (a < b ? -1 : 1));
  expect(codes(read('README.md'))).toEqual(codes(sources));
});
