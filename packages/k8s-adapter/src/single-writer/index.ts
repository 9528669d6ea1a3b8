/**
 * Which of several processes writes: the state machine alone, without a clock or an API server, for those who simulate it or
 * keep its record elsewhere. `createSingleWriter` of the package's main door is it on Kubernetes.
 *
 * @packageDocumentation
 */
export { mayWriteNow, writeUntilMs } from './machine/lease.ts';
export {
  initialState,
  type SingleWriterConfig,
  type SingleWriterEffect,
  type SingleWriterEvent,
  type SingleWriterState,
} from './machine/state.ts';
export { step } from './machine/step.ts';
export { wakeAtMs } from './machine/wake.ts';
export { podIdentity, type WriterRecord } from './record.ts';
