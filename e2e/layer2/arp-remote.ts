import { type LabProcess, type Namespace, nodeProgram } from '@steelyard/testkit';

/** A program of a test inside a namespace, called over its channel. */
export interface Remote<Calls> {
  readonly process: LabProcess;
  /** What it told by itself, oldest first. */
  readonly events: unknown[];
  call<Name extends keyof Calls & string>(
    name: Name,
    ...args: Calls[Name] extends (...args: infer Args) => unknown ? Args : never
  ): Promise<Calls[Name] extends (...args: never) => infer Result ? Awaited<Result> : never>;
}

interface Answer {
  readonly id?: number;
  readonly value?: unknown;
  readonly error?: string;
  readonly event?: unknown;
}

/** Starts `file` inside; it must call `serveRemote` of `arp-remote-inside.ts`. */
export async function startRemote<Calls>(
  namespace: Namespace,
  file: URL,
  args: readonly string[] = [],
): Promise<Remote<Calls>> {
  const started = namespace.spawn(...nodeProgram(file, args), { ipc: true });
  const events: unknown[] = [];
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  started.child.on('message', (message) => {
    const { id, value, error, event } = message as Answer;
    if (id === undefined) events.push(event);
    else if (error === undefined) waiting.get(id)?.resolve(value);
    else waiting.get(id)?.reject(new Error(error));
  });
  void started.ended.then((end) => {
    const why = new Error(`${started.name} ended with ${JSON.stringify(end)}: ${started.lines.slice(-20).join('\n')}`);
    for (const { reject } of waiting.values()) reject(why);
  });
  await started.waitForLine(/^ready$/);
  let calls = 0;
  return {
    process: started,
    events,
    call(name, ...callArgs) {
      calls += 1;
      const id = calls;
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      waiting.set(id, { resolve, reject });
      started.child.send({ id, name, args: callArgs });
      return promise as never;
    },
  };
}
