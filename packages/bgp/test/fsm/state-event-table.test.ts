import { describe, expect, test } from 'vitest';
import { COLUMNS, ROWS, run } from './state-event-table.ts';

/*
 * RFC 4271, section 8.2.2, as a table. A cell has the next state and what is done, in this order: a message's type, or
 * a NOTIFICATION's code/subcode, is sent; `close` after what was sent has left, `abort` at once; `failed` and `down` tell why it
 * ended, `agreed` and `up` that OPENs were exchanged and that routes may go. In brackets: on the connection that
 * the event has brought, beside the one that stands. `–`: ignored. Empty: cannot happen, for the timer does not run.
 *
 * Connect and Active stand twice: DelayOpen is while the DelayOpenTimer runs, on a connection of our own making in Connect
 * and on one of the peer's in Active. Without it, Connect has an attempt that is not answered yet, and Active none.
 *
 * Not rows of their own: 3, 5, 6 and 7 are what follows 13; 14 and 15 are the door's (a connection from an address that is no
 * peer's never comes here); 20 is 19 while the DelayOpenTimer runs; 23 is the outcome of a collision (collision.test.ts).
 *
 * Where it is not the RFC's letter:
 *  - 2 and 8 in Connect, DelayOpen: the peer is told, as in Active. SendNOTIFICATIONwithoutOPEN is TRUE.
 *  - 17: a second connection is a second machine; the first goes on until an OPEN decides. In Idle the peer is told.
 *  - 18 in Connect: Active, as routers show it, with a ConnectRetryTimer that is short at first. The RFC has Idle.
 *  - 19 in OpenConfirm: one connection has one OPEN. The RFC means that of another connection.
 *  - 21 in Established: the header error of section 6.1, not a Finite State Machine Error.
 *  - 24 and 25: a NOTIFICATION is never answered (section 6.4), in OpenSent neither, and always damped.
 */
const TABLE = `
| event                      | Idle                | Connect                       | Connect, DelayOpen                 | Active           | Active, DelayOpen                  | OpenSent                      | OpenConfirm             | Established               |
| -------------------------- | ------------------- | ----------------------------- | ---------------------------------- | ---------------- | ---------------------------------- | ----------------------------- | ----------------------- | ------------------------- |
| 1 ManualStart              | Connect: connect    | –                             | –                                  | –                | –                                  | –                             | –                       | –                         |
| 2 ManualStop               | –                   | Idle: abort failed            | Idle: 6/2 close failed             | Idle             | Idle: 6/2 close failed             | Idle: 6/2 close failed        | Idle: 6/2 close failed  | Idle: 6/2 close down      |
| 4 ManualStart, passive     | Active              | –                             | –                                  | –                | –                                  | –                             | –                       | –                         |
| 8 AutomaticStop            | –                   | Idle: abort failed            | Idle: 6/10 close failed            | Idle             | Idle: 6/10 close failed            | Idle: 6/10 close failed       | Idle: 6/10 close failed | Idle: 6/10 close down     |
| 9 ConnectRetryTimer_Expires |                    | Connect: abort failed connect |                                    | Connect: connect |                                    |                               |                         |                           |
| 10 HoldTimer_Expires       |                     |                               |                                    |                  |                                    | Idle: 4/0 close failed        | Idle: 4/0 close failed  | Idle: 4/0 close down      |
| 11 KeepaliveTimer_Expires  |                     |                               |                                    |                  |                                    |                               | OpenConfirm: KEEPALIVE  | Established: KEEPALIVE    |
| 12 DelayOpenTimer_Expires  |                     |                               | OpenSent: OPEN                     |                  | OpenSent: OPEN                     |                               |                         |                           |
| 13 IdleHoldTimer_Expires   | Connect: connect    |                               |                                    |                  |                                    |                               |                         |                           |
| 16 Tcp_CR_Acked            | –                   | OpenSent: OPEN                | –                                  | –                | –                                  | –                             | –                       | –                         |
| 17 TcpConnectionConfirmed  | Idle: (6/5) (close) | OpenSent: (OPEN)              | Active                             | OpenSent: (OPEN) | Active                             | OpenSent: (OPEN)              | OpenConfirm: (OPEN)     | Established: (6/7) (close) |
| 18 TcpConnectionFails      | –                   | Active: failed                | Active: failed                     | –                | Idle: failed                       | Active: failed                | Idle: failed            | Idle: down                |
| 19, 20 BGPOpen             | –                   | Idle: abort failed            | OpenConfirm: OPEN agreed KEEPALIVE | –                | OpenConfirm: OPEN agreed KEEPALIVE | OpenConfirm: agreed KEEPALIVE | Idle: 5/2 close failed  | Idle: 5/3 close down      |
| 21 BGPHeaderErr            | –                   | Idle: abort failed            | Idle: 1/1 close failed             | –                | Idle: 1/1 close failed             | Idle: 1/1 close failed        | Idle: 1/1 close failed  | Idle: 1/1 close down      |
| 22 BGPOpenMsgErr           | –                   | Idle: abort failed            | Idle: 2/6 close failed             | –                | Idle: 2/6 close failed             | Idle: 2/6 close failed        | Idle: 2/6 close failed  | Idle: 5/3 close down      |
| 24 NotifMsgVerErr          | –                   | Idle: abort failed            | Idle: close failed                 | –                | Idle: close failed                 | Idle: close failed            | Idle: close failed      | Idle: close down          |
| 25 NotifMsg                | –                   | Idle: abort failed            | Idle: close failed                 | –                | Idle: close failed                 | Idle: close failed            | Idle: close failed      | Idle: close down          |
| 26 KeepAliveMsg            | –                   | Idle: abort failed            | Idle: close failed                 | –                | Idle: close failed                 | Idle: 5/1 close failed        | Established: up         | Established               |
| 27 UpdateMsg               | –                   | Idle: abort failed            | Idle: close failed                 | –                | Idle: close failed                 | Idle: 5/1 close failed        | Idle: 5/2 close failed  | Established: deliver      |
| 28 UpdateMsgErr            | –                   | Idle: abort failed            | Idle: close failed                 | –                | Idle: close failed                 | Idle: 5/1 close failed        | Idle: 5/2 close failed  | Idle: 3/1 close down      |
| 29 SendHoldTimer_Expires   |                     |                               |                                    |                  |                                    |                               | Idle: 8/0 abort failed  | Idle: 8/0 abort down      |
| ROUTE-REFRESH              | –                   | Idle: abort failed            | Idle: close failed                 | –                | Idle: close failed                 | Idle: 5/1 close failed        | Idle: 5/2 close failed  | Established: deliver      |
`;

const cellsOf = (line: string): readonly string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
const [head = [], , ...body] = TABLE.trim().split('\n').map(cellsOf);

test('the table has a row for each event and a column for each state', () => {
  expect(head.slice(1)).toEqual(COLUMNS.map(({ name }) => name));
  expect(body.map(([event]) => event)).toEqual(ROWS.map(({ name }) => name));
});

describe('RFC 4271, section 8.2.2', () => {
  test.for(ROWS.map((row, index) => [row.name, row, body[index]] as const))('%s', ([, row, expected]) => {
    expect(COLUMNS.map((column) => run(row, column))).toEqual(expected?.slice(1));
  });
});
