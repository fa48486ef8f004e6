/** What routers use that were imported from an OpenAPI description. */
export { formInput, jsonText, multipart } from './upstream/imported/forms.js';
export { deepObject, headerFields, separated, urlEncoded } from './upstream/imported/styles.js';
