/** Something that a controller must never do. */
class Violation extends Error {
  override readonly name = 'Violation';
}

export function demand(holds: boolean, message: () => string): void {
  if (!holds) throw new Violation(message());
}
