/** Something that texts are written to. */
export interface TextSink {
  readonly isTTY?: boolean | undefined;
  write(text: string, done: (error?: Error | null) => void): unknown;
}

/** What a command finds around itself. */
export interface Surroundings {
  readonly stdin: AsyncIterable<Uint8Array | string> & { readonly isTTY?: boolean | undefined };
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Resolves when the text is out, and rejects when it cannot be. */
export function writeText(sink: TextSink, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    sink.write(text, (error) => (error ? reject(error) : resolve()));
  });
}
