import { createHash } from 'node:crypto';
import { elect } from '@steelyard/election';

const { owner, order, because } = elect({
  candidates: [
    { node: 'node-1', score: 0 },
    { node: 'node-2', score: 0 },
    { node: 'node-3', score: 0 },
  ],
  members: new Set(['node-2', 'node-3']), // node-1 is dead
  address: '192.0.2.10',
  sha256: (octets) => createHash('sha256').update(octets).digest(),
});

console.log(owner, order, because); // node-2 [ 'node-2', 'node-3' ] Hash
