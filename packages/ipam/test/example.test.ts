import { expect, test } from 'vitest';
import { example } from '../examples/two-holders.ts';

test('the example in the README says what its comments say', () => {
  expect(example()).toEqual(['192.0.2.10 and 2001:db8::', 'ERR_IPAM_SHARING_KEY', '18446744073709551615 left']);
});
