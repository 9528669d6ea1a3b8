/**
 * Runs the announcement schedule, follows an interface, watches over conflicts, and attaches filters: with the timers of
 * Node.js.
 *
 * @packageDocumentation
 */
export { attachFittingFilter, type FilteredSocket } from './attach-fitting-filter.ts';
export { type ConflictHost, type ConflictWatch, createConflictWatch } from './conflict-watch.ts';
export {
  type FollowedInterface,
  followInterface,
  type InterfaceFacts,
  type InterfaceHost,
} from './followed-interface.ts';
export { type AnnouncementHost, type AnnouncementRunner, createAnnouncementRunner } from './runner.ts';
export type { SendOutcome } from './send-outcome.ts';
