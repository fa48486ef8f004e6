/** What both sides may import. */
export { type FieldErrors, fieldErrorsOf } from './client/field-errors.js';
export { withBasePath } from './runtime/base-path.js';
