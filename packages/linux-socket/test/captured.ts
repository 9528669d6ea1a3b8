import { readFileSync } from 'node:fs';

/** What fixtures/regenerate.ts captured from a kernel: datagrams by the command or dump that caused them. */
export const captured: ReadonlyMap<string, readonly Uint8Array[]> = read();

/** @throws RangeError if nothing was captured under this title. */
export function capturedAfter(title: string): readonly Uint8Array[] {
  const datagrams = captured.get(title);
  if (datagrams === undefined) throw new RangeError(`nothing was captured after ${JSON.stringify(title)}`);
  return datagrams;
}

function read(): Map<string, Uint8Array[]> {
  const sections = new Map<string, Uint8Array[]>();
  let section: Uint8Array[] = [];
  for (const line of readFileSync(new URL('fixtures/rtnetlink.hex', import.meta.url), 'utf8')
    .trim()
    .split('\n')) {
    if (line.startsWith('# ')) {
      section = [];
      sections.set(line.slice(2), section);
    } else {
      section.push(new Uint8Array(Buffer.from(line, 'hex')));
    }
  }
  return sections;
}
