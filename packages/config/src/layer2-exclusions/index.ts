/**
 * The file excludel2.yaml: the interfaces that layer 2 leaves alone. A door of its own, since who opens sockets needs this
 * and nothing else of the configuration.
 *
 * @packageDocumentation
 */
export type { Layer2Exclusions, Layer2ExclusionsOutcome } from './exclusions.ts';
export { parseLayer2Exclusions } from './layer2-exclusions.ts';
