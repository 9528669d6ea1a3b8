import { FIGURE_NAMES, FIGURES_OCTETS, type WireFigures } from './layout.ts';

/** Figures in memory that the control thread reads whenever it is asked for metrics. */
export class SharedFigures {
  readonly memory: SharedArrayBuffer = new SharedArrayBuffer(FIGURES_OCTETS);
  readonly #numbers = new Float64Array(this.memory);

  write(figures: WireFigures): void {
    for (const [at, name] of FIGURE_NAMES.entries()) this.#numbers[at] = figures[name];
  }
}

/** As they were written last, a second ago at most. */
export function readFigures(memory: SharedArrayBuffer): WireFigures {
  const numbers = new Float64Array(memory);
  return Object.fromEntries(FIGURE_NAMES.map((name, at) => [name, numbers[at] ?? 0])) as WireFigures;
}
