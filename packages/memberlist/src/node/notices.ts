/** Something that an operator may want to know, said once a minute at most for each kind and source. */
export interface MemberlistNotice {
  readonly level: 'debug' | 'warn';
  /** Constant for its kind. */
  readonly message: string;
  /**
   * `source`: where it came from, as `address:port` or as `others` where it came from very many. `suppressed`: how many
   * of this kind and source were kept to ourselves since the last.
   */
  readonly fields: Readonly<Record<string, string | number>>;
}

const QUIET_MS = 60_000;
/** Of one kind in a minute. Senders of UDP can claim any source: what is beyond has one entry for all. */
const MAX_SOURCES_PER_KIND = 16;
const MAX_KINDS = 64;
const OTHERS = 'others';

interface Entry {
  quietUntilMs: number;
  suppressed: number;
}

/** Holds back what was said already. Its table is bounded, whoever sends whatever. */
export class NoticeLimiter {
  readonly #tell: (notice: MemberlistNotice) => void;
  readonly #nowMs: () => number;
  readonly #kinds = new Map<string, Map<string, Entry>>();
  #suppressed = 0;

  constructor(tell: (notice: MemberlistNotice) => void, nowMs: () => number) {
    this.#tell = tell;
    this.#nowMs = nowMs;
  }

  /** How many were not told. */
  get suppressed(): number {
    return this.#suppressed;
  }

  /**
   * @param source - Where it came from: ports of one host are one source.
   * @returns Whether it was told.
   */
  notice(
    level: MemberlistNotice['level'],
    message: string,
    source: string | undefined,
    fields: Readonly<Record<string, string | number>> = {},
  ): boolean {
    const nowMs = this.#nowMs();
    const [key, entry] = this.#entryOf(message, source ?? '', nowMs);
    if (nowMs < entry.quietUntilMs) {
      entry.suppressed += 1;
      this.#suppressed += 1;
      return false;
    }
    const { suppressed } = entry;
    entry.quietUntilMs = nowMs + QUIET_MS;
    entry.suppressed = 0;
    this.#tell({
      level,
      message,
      fields: {
        ...(key === '' ? {} : { source: key }),
        ...fields,
        ...(suppressed === 0 ? {} : { suppressed }),
      },
    });
    return true;
  }

  #entryOf(message: string, source: string, nowMs: number): [key: string, entry: Entry] {
    const kind = this.#kinds.size >= MAX_KINDS && !this.#kinds.has(message) ? OTHERS : message;
    const sources = this.#kinds.get(kind) ?? new Map<string, Entry>();
    this.#kinds.set(kind, sources);
    const known = sources.get(source);
    if (known !== undefined) return [source, known];
    if (sources.size >= MAX_SOURCES_PER_KIND)
      for (const [key, entry] of sources) if (key !== OTHERS && entry.quietUntilMs <= nowMs) sources.delete(key);
    const key = sources.size >= MAX_SOURCES_PER_KIND ? OTHERS : source;
    const entry = sources.get(key) ?? { quietUntilMs: Number.NEGATIVE_INFINITY, suppressed: 0 };
    sources.set(key, entry);
    return [key, entry];
  }
}
