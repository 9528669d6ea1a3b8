import type { CertificatePair } from '@steelyard/serving-certificates';

/** What is served, and who vouches for it. */
export interface ServedCertificates {
  readonly authorityPem: string;
  readonly serving: CertificatePair;
}

/**
 * Where the exchange of certificates stands. An API server learns of a new authority by a watch, some time after it was
 * written, and there may be several: so one is believed in before it is used, and for a while after it is used no more.
 */
export type RotationState =
  | { readonly name: 'empty' }
  | { readonly name: 'serving'; readonly current: ServedCertificates }
  /** `next` is being made known, `current` goes on to be served. */
  | {
      readonly name: 'introducing';
      readonly current: ServedCertificates;
      readonly next: ServedCertificates;
      readonly known: boolean;
    }
  /** `current` is served, `previous` may still be what an API server believes in alone. */
  | { readonly name: 'retiring'; readonly current: ServedCertificates; readonly previous: ServedCertificates };

export type RotationEvent =
  /** What the Secret holds. */
  | {
      readonly type: 'certificatesRead';
      readonly certificates: ServedCertificates;
      /** What is served is still valid: only then does it make sense to go on with it. */
      readonly currentValid: boolean;
    }
  /** Everything that names an authority names the one that is introduced. */
  | {
      readonly type: 'authorityKnown';
      /** The one before is named beside it. If not, it was somebody else who wrote, and there is nothing to wait for. */
      readonly beside: boolean;
    }
  /** As long as it takes an API server to notice has passed since the timer was started. */
  | { readonly type: 'settled' };

/** Starting a running timer restarts it; stopping an idle one is no error. */
export type RotationEffect =
  | { readonly type: 'serve'; readonly pair: CertificatePair }
  | { readonly type: 'startSettling' }
  | { readonly type: 'stopSettling' };

interface Step {
  readonly state: RotationState;
  readonly effects: readonly RotationEffect[];
}

const STOP: RotationEffect = { type: 'stopSettling' };
const START: RotationEffect = { type: 'startSettling' };
const serve = ({ serving }: ServedCertificates): RotationEffect => ({ type: 'serve', pair: serving });

function sameAuthority(a: ServedCertificates, b: ServedCertificates): boolean {
  return a.authorityPem === b.authorityPem;
}

function samePair(a: CertificatePair, b: CertificatePair): boolean {
  return a.certificatePem === b.certificatePem && a.privateKeyPem === b.privateKeyPem;
}

function certificatesRead(state: RotationState, next: ServedCertificates, currentValid: boolean): Step {
  if (state.name === 'empty') return { state: { name: 'serving', current: next }, effects: [serve(next)] };
  const { current } = state;
  if (sameAuthority(current, next)) {
    // Also back from an authority that was about to be introduced.
    const kept: RotationState =
      state.name === 'retiring' ? { ...state, current: next } : { name: 'serving', current: next };
    return {
      state: kept,
      effects: [
        ...(samePair(current.serving, next.serving) ? [] : [serve(next)]),
        ...(state.name === 'introducing' ? [STOP] : []),
      ],
    };
  }
  if (!currentValid) return { state: { name: 'serving', current: next }, effects: [STOP, serve(next)] };
  const known = state.name === 'introducing' && state.known && sameAuthority(state.next, next);
  return { state: { name: 'introducing', current, next, known }, effects: known ? [] : [STOP] };
}

function authorityKnown(state: RotationState, beside: boolean): Step {
  if (state.name !== 'introducing') return { state, effects: [] };
  const { next } = state;
  if (!beside) return { state: { name: 'serving', current: next }, effects: [STOP, serve(next)] };
  return state.known ? { state, effects: [] } : { state: { ...state, known: true }, effects: [START] };
}

function settled(state: RotationState): Step {
  if (state.name === 'retiring') return { state: { name: 'serving', current: state.current }, effects: [] };
  if (state.name !== 'introducing' || !state.known) return { state, effects: [] };
  const { current, next } = state;
  return { state: { name: 'retiring', current: next, previous: current }, effects: [serve(next), START] };
}

/** Exchanges the served certificate, and the authority, with no moment in which an API server refuses what it is shown. */
export function stepRotation(state: RotationState, event: RotationEvent): Step {
  switch (event.type) {
    case 'certificatesRead':
      return certificatesRead(state, event.certificates, event.currentValid);
    case 'authorityKnown':
      return authorityKnown(state, event.beside);
    case 'settled':
      return settled(state);
  }
}

/** What is to stand in every `caBundle`. */
export interface CaBundle {
  readonly pem: string;
  /** During an exchange: the new authority alone, as MetalLB's cert-controller writes it, is left as it is. */
  readonly alone: string;
}

/** Undefined while nothing is known: then nobody's `caBundle` is touched. */
export function caBundleFor(state: RotationState): CaBundle | undefined {
  switch (state.name) {
    case 'empty':
      return undefined;
    case 'serving':
      return { pem: state.current.authorityPem, alone: state.current.authorityPem };
    case 'introducing':
      return { pem: joinPem(state.next, state.current), alone: state.next.authorityPem };
    case 'retiring':
      return { pem: joinPem(state.current, state.previous), alone: state.current.authorityPem };
  }
}

function joinPem(first: ServedCertificates, second: ServedCertificates): string {
  return `${first.authorityPem.trimEnd()}\n${second.authorityPem.trimEnd()}\n`;
}
