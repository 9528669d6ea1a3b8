import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Registry } from 'prom-client';

/** The text of all metrics, and its compressed form once somebody asked for it. */
export interface Exposition {
  readonly contentType: string;
  readonly text: Buffer;
  compressed(): Promise<Buffer>;
}

const compress = promisify(gzip);
// A scrape is on its way to the next room: speed counts, and the text is repetitive.
const GZIP_LEVEL = 1;

/**
 * Builds the text once for all who ask while it is being built; the next who asks gets a new one. The registry reads what has a
 * `collect` on the way.
 */
export function createScrape(registry: Registry): () => Promise<Exposition> {
  let building: Promise<Exposition> | undefined;
  const build = async (): Promise<Exposition> => {
    const text = Buffer.from(await registry.metrics());
    let compressing: Promise<Buffer> | undefined;
    return {
      contentType: registry.contentType,
      text,
      compressed() {
        compressing ??= compress(text, { level: GZIP_LEVEL });
        return compressing;
      },
    };
  };
  return () => {
    building ??= build().finally(() => {
      building = undefined;
    });
    return building;
  };
}

/** Whether `Accept-Encoding` takes gzip: RFC 9110, section 12.5.3. */
export function acceptsGzip(header: string | undefined): boolean {
  return (header ?? '').split(',').some((part) => {
    const [coding, ...parameters] = part.split(';').map((word) => word.trim().toLowerCase());
    return coding === 'gzip' && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
  });
}
