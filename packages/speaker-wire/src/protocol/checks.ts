import { type Decoded, decoded, failed, isIpAddress } from '@steelyard/wire';
import { MAX_ENTRIES_PER_MESSAGE } from './messages.ts';

/** Why a message from the control thread is refused. */
export type ControlMessageCode =
  | 'ERR_SPEAKER_WIRE_INVALID_MESSAGE'
  | 'ERR_SPEAKER_WIRE_INVALID_ENTRY'
  | 'ERR_SPEAKER_WIRE_TOO_MANY_ENTRIES';

/** A namespace of 63 and a name of 253 characters. */
export const MAX_KEY_CHARACTERS = 400;

/** An object of which nothing is known. */
export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
export const isText = (value: unknown, maximum: number): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= maximum;
/** Unlike `every`, which passes by the holes that structured cloning keeps. */
export const all = (values: readonly unknown[], is: (value: unknown) => boolean): boolean =>
  values.findIndex((value) => !is(value)) < 0;
/** For a message: not with `String`, which throws for objects that have a `toString` of their own. */
export const shown = (value: unknown): string =>
  typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : typeof value;
export const isAddress = (value: unknown): value is string => typeof value === 'string' && isIpAddress(value);

export function checkLength(
  value: unknown,
  maximum: number = MAX_ENTRIES_PER_MESSAGE,
): Decoded<readonly unknown[], ControlMessageCode> {
  if (!Array.isArray(value)) return failed('ERR_SPEAKER_WIRE_INVALID_MESSAGE', 0, 'entries are an array');
  if (value.length > maximum) {
    return failed('ERR_SPEAKER_WIRE_TOO_MANY_ENTRIES', 0, `at most ${maximum} entries a message, got ${value.length}`);
  }
  return decoded(value);
}
