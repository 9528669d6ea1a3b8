/** An error thrown by a caller's callback is the caller's: it surfaces as uncaught, and does not pass for a broken connection. */
export function throwUncaught(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

/** Runs a caller's callback; what it throws becomes an uncaught exception. */
export function callBack(callback: () => void): void {
  try {
    callback();
  } catch (error) {
    throwUncaught(error);
  }
}
