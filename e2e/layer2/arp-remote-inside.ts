// The side of a remote that runs inside: it imports nothing, so that it starts at once.

/** Answers the calls of `startRemote` until the channel closes. */
export function serveRemote(calls: Readonly<Record<string, (...args: never[]) => unknown>>): void {
  process.on('message', (message: { id: number; name: string; args: never[] }) => {
    void (async () => {
      try {
        process.send?.({ id: message.id, value: await calls[message.name]?.(...message.args) });
      } catch (error) {
        process.send?.({ id: message.id, error: String(error) });
      }
    })();
  });
  process.once('disconnect', () => process.exit(0));
  process.stdout.write('ready\n');
}

/** Tells the test something by itself. */
export function tell(event: unknown): void {
  process.send?.({ event });
}
