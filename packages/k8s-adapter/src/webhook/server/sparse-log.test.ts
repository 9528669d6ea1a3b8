import { expect, test } from 'vitest';
import { createSparseLog } from './sparse-log.ts';

test('so many are told in an interval, the others are counted', () => {
  let now = 0;
  const said: object[] = [];
  const log = createSparseLog(
    (pairs) => said.push(pairs),
    { burst: 2, intervalMs: 1000 },
    () => now,
  );
  for (let n = 0; n < 5; n++) log({ n }, 'refused');
  now = 1000;
  for (let n = 5; n < 7; n++) log({ n }, 'refused');
  expect(said).toEqual([{ n: 0 }, { n: 1 }, { n: 5, untold: 3 }, { n: 6 }]);
});
