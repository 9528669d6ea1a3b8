import { rounded } from '../statistics.ts';

/**
 * How many times as much as Steelyard's each other's figure is: above 1, Steelyard is ahead.
 *
 * @param figureOf - Undefined where there is none.
 * @param least - What cannot be told from zero.
 */
export function timesSteelyards<Figures>(
  all: Readonly<Record<string, Figures>>,
  figureOf: (figures: Figures) => number | undefined,
  least = 0.01,
): Readonly<Record<string, number>> {
  const own = all['steelyard'];
  const ours = own === undefined ? undefined : figureOf(own);
  if (ours === undefined) return {};
  const ratios = Object.entries(all).flatMap(([name, figures]): [string, number][] => {
    const theirs = figureOf(figures);
    return name === 'steelyard' || theirs === undefined
      ? []
      : [[name, rounded(Math.max(theirs, least) / Math.max(ours, least), 2)]];
  });
  return Object.fromEntries(ratios);
}
