/** Whether a part of the controller is ready, or why not. */
export type Readiness = { readonly ready: true } | { readonly ready: false; readonly because: string };

/** All parts are, or the first that is not. */
export function readinessOf(parts: readonly Readiness[]): Readiness {
  return parts.find(({ ready }) => !ready) ?? { ready: true };
}
