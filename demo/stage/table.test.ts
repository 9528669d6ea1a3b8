import { expect, test } from 'vitest';
import { formatTable } from './table.ts';

test('a table looks as kubectl prints it, without the columns of -o wide', () => {
  const table = {
    columnDefinitions: [{ name: 'Name', priority: 0 }, { name: 'Cluster-IP' }, { name: 'Selector', priority: 1 }],
    rows: [{ cells: ['nginx-lb', '10.43.0.10', 'app=nginx'] }, { cells: ['a', '<none>', ''] }],
  };
  expect(formatTable(table)).toBe('NAME       CLUSTER-IP\nnginx-lb   10.43.0.10\na          <none>');
});
