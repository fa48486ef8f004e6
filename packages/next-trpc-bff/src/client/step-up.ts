import type { StepUp } from '../http/step-up.js';

/**
 * Returns the stronger sign-in or the scope that the API asks for with a FORBIDDEN. Takes the error of a hook as well as
 * one thrown by `caller`.
 *
 * @param error - Anything that was thrown
 * @returns What the API named, or null when the error asks for neither
 */
export function stepUpOf(error: unknown): StepUp | null {
  const { data, stepUp } = Object(error);
  return data?.stepUp ?? stepUp ?? null;
}
