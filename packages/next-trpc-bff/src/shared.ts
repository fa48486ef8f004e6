/** What both sides may import. */
export { type FieldErrors, fieldErrorsOf } from './client/field-errors.js';
export { stepUpOf } from './client/step-up.js';
export type { StepUp } from './http/step-up.js';
export { withBasePath } from './runtime/base-path.js';
