import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import type { OctetBudget } from './octet-budget.ts';

export type WebRequest = IncomingMessage | Http2ServerRequest;

/** A body, or why there is none. Where the client has gone there is nobody to tell. */
export type ReadBody =
  | { readonly ok: true; readonly octets: Buffer; readonly release: () => void }
  | { readonly ok: false; readonly because: 'too-large' | 'no-room' | 'gone' };

/** Reads a request's body within its own bound and within what all bodies may hold. Never rejects; settles when the request ends. */
export function readRequestBody(request: WebRequest, maxOctets: number, budget: OctetBudget): Promise<ReadBody> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    let octets = 0;
    let settled = false;
    const share = budget.open(() => fail('no-room'));

    function fail(because: 'too-large' | 'no-room' | 'gone'): void {
      if (settled) return;
      settled = true;
      pieces.length = 0;
      share.release();
      resolve({ ok: false, because });
    }

    request.on('data', (piece: Buffer) => {
      if (settled) return; // read on, and drop it: the answer would not arrive on a connection that is reset
      octets += piece.length;
      if (octets > maxOctets) fail('too-large');
      else if (share.take(piece.length)) pieces.push(piece);
      else fail('no-room');
    });
    request.once('end', () => {
      if (settled) return;
      settled = true;
      share.complete();
      resolve({ ok: true, octets: Buffer.concat(pieces, octets), release: () => share.release() });
    });
    request.once('error', () => fail('gone'));
    request.once('close', () => fail('gone'));
    const announced = Number(request.headers['content-length'] ?? 0);
    if (announced > maxOctets) fail('too-large');
  });
}
