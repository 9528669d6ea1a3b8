import { createMessage } from './framing/header.ts';
import { HEADER_LENGTH, MESSAGE_TYPE } from './framing/limits.ts';

/** Writes a KEEPALIVE, which is a header alone: RFC 4271, section 4.4. */
export function encodeKeepalive(): Uint8Array {
  return createMessage(MESSAGE_TYPE.keepalive, HEADER_LENGTH);
}
