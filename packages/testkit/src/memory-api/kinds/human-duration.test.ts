import { expect, test } from 'vitest';
import { ageOf, humanDuration } from './human-duration.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

// From k8s.io/apimachinery/pkg/util/duration/duration_test.go.
test.each([
  [SECOND, '1s'],
  [70 * SECOND, '70s'],
  [190 * SECOND, '3m10s'],
  [70 * MINUTE, '70m'],
  [47 * HOUR, '47h'],
  [49 * HOUR, '2d1h'],
  [8 * DAY + 2 * HOUR, '8d'],
  [367 * DAY, '367d'],
  [365 * 2 * DAY + 25 * HOUR, '2y1d'],
  [365 * 8 * DAY + 2 * HOUR, '8y'],
  [-1 * SECOND, '0s'],
  [-2 * SECOND, '<invalid>'],
])('shows %i ms as %s', (milliseconds, shown) => {
  expect(humanDuration(milliseconds)).toBe(shown);
});

test('an age without a beginning is unknown', () => {
  expect(ageOf('', 0)).toBe('<unknown>');
  expect(ageOf('1970-01-01T00:00:00Z', 5000)).toBe('5s');
});
