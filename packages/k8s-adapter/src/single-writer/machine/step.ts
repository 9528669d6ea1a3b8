import { type Advance, advance, listPods } from './advance.ts';
import { applyEvent } from './apply-event.ts';
import type {
  SingleWriterConfig,
  SingleWriterEffect,
  SingleWriterEvent,
  SingleWriterState,
  SingleWriterStep,
} from './state.ts';

/**
 * One of several processes that share a record: which of them may write, without a write while there is nothing to do.
 *
 * The rules:
 * - The record is changed by compare-and-swap alone. A renewal that succeeds proves that nobody else held it in between.
 * - A holder counts its lease from before the renewal left; the others count from when they first saw it, and wait for more.
 * - What became of a write without an answer, or refused, is found out by reading: an answer can be lost, and the second try
 *   of a write that came through the first time is refused.
 */
export function step(state: SingleWriterState, event: SingleWriterEvent, config: SingleWriterConfig): SingleWriterStep {
  const effects: SingleWriterEffect[] = [];
  const at: Advance = { config, nowMs: event.nowMs, wallMs: event.wallMs, effects };
  let next = applyEvent(state, event, config, effects);
  if (event.type === 'writing') next = listPods(next, at);
  return { state: advance(next, at), effects };
}
