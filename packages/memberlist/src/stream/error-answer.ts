import type { DecodeFailure } from '@steelyard/wire';
import type { GossipDecodeCode } from '../messages/decode-code.ts';
import type { StreamMessage } from '../messages/message.ts';

/** Go's words where it has its own; undefined: ours. What is not here is no answer's worth, as there. */
const ANSWERS: ReadonlyMap<GossipDecodeCode, string | undefined> = new Map<GossipDecodeCode, string | undefined>([
  ['ERR_MEMBERLIST_NOT_ENCRYPTED', 'Encryption is configured but remote state is not encrypted'],
  ['ERR_MEMBERLIST_ENCRYPTED_WITHOUT_KEY', 'Remote state is encrypted and encryption is not configured'],
  ['ERR_MEMBERLIST_DECRYPTION_FAILED', 'No installed keys could decrypt the message'],
  ['ERR_MEMBERLIST_ENCRYPTION_UNSUPPORTED', undefined],
  ['ERR_MEMBERLIST_COMPRESSION_UNSUPPORTED', undefined],
  ['ERR_MEMBERLIST_COMPRESSION_CORRUPT', undefined],
  ['ERR_MEMBERLIST_LIMIT_EXCEEDED', undefined],
]);

/**
 * What the one that opened a connection is told before it is closed: why its layers could not be read.
 *
 * @returns undefined: nothing. A wrong label is not answered, nor is a message that is none.
 * @see hashicorp/memberlist `net.go`, `handleConn`
 */
export function errorAnswerTo(
  failure: DecodeFailure<GossipDecodeCode>,
): (StreamMessage & { readonly type: 'error' }) | undefined {
  if (!ANSWERS.has(failure.code)) return undefined;
  return { type: 'error', error: ANSWERS.get(failure.code) ?? failure.message };
}
