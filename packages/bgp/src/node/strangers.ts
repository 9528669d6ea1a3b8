import { encodeNotification } from '../messages/notification/notification.ts';
import type { Clock } from './clock.ts';
import type { Connection } from './transport/transport.ts';

/** RFC 4486: Cease, Connection Rejected. */
const CONNECTION_REJECTED = { errorCode: 6, errorSubcode: 5, data: new Uint8Array() } as const;
/** Who does not take the answer in that time, takes none. */
const MAX_STAY_MS = 5_000;

/** Connections that belong to no peer: told so, and closed; of too many nobody is told. */
export class Strangers {
  readonly #max: number;
  readonly #clock: Clock;
  readonly #present = new Map<Connection, () => void>();

  constructor(max: number, clock: Clock) {
    this.#max = max;
    this.#clock = clock;
  }

  refuse(connection: Connection): void {
    if (this.#present.size >= this.#max) {
      connection.reset();
      return;
    }
    const cancel = this.#clock.callIn(MAX_STAY_MS, () => {
      this.#present.delete(connection);
      connection.reset();
    });
    this.#present.set(connection, cancel);
    connection.handle({
      onConnect: () => {},
      onOctets: () => {}, // read on: closing with unread octets would take the NOTIFICATION back
      onClose: () => {
        cancel();
        this.#present.delete(connection);
      },
    });
    connection.write([encodeNotification(CONNECTION_REJECTED)], () => {});
    connection.end();
  }

  close(): void {
    for (const [connection, cancel] of this.#present) {
      cancel();
      connection.destroy();
    }
    this.#present.clear();
  }
}
