import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describeLab } from '@steelyard/testkit/vitest';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

describeLab('the demo', () => {
  test('tells its whole story, and each claim in it holds', { timeout: 180_000 }, () => {
    const told = spawnSync(process.execPath, ['--conditions=@steelyard/source', 'demo/main.ts'], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1' },
    });
    expect(told.stderr).toBe('');
    expect(told.stdout).toMatch(/All \d+ claims verified/);
    expect(told.stdout).toMatch(/Meanwhile \d+ connections in a row failed: a gap of \d+\.\d s\./);
    expect(told.stdout).toMatch(/B>\* 192\.168\.0\.30\/32 \[20\/0\] via 192\.168\.1\.5,/);
    expect(told.stdout.match(/HTTP\/1\.1 200 OK/g)?.length).toBeGreaterThanOrEqual(4);
    expect(told.status).toBe(0);
  });
});
