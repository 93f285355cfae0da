/** Failures that a person can act on. */

/** A failure whose message says all that the person needs; printed without a stack. */
export class LabError extends Error {
  readonly code = 'LAB';
}
