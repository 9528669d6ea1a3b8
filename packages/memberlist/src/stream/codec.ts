import type { SealCodec } from '../packet/codec.ts';

/** How streams are written and read. */
export interface StreamCodec extends SealCodec {
  /** Whoever opened the connection sends the label first; the answer has none in front, but is sealed with it. */
  readonly role: 'dialer' | 'acceptor';
}
