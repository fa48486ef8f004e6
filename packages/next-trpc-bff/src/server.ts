/** What an application's `server/` uses. Runs without Next. */

export type { LoginMapping } from './auth/tokens/login-mapping.js';
export { type DownloadOptions, download } from './files/download.js';
export { redirectAddress } from './http/redirect-address.js';
export { originOf } from './http/request.js';
export { type BffOptions, configureBff } from './procedures/configure.js';
export { createEndpoint, type EndpointFactory } from './procedures/endpoint.js';
export { createTRPCHandler } from './procedures/handler.js';
export type { BffRouter } from './procedures/session-router.js';
export { sessionRouter } from './procedures/session-router.js';
export { resumable } from './procedures/subscription.js';
export { type Context, createContext, procedures } from './procedures/trpc.js';
export { type ProcedureMeta, trpcOptions } from './procedures/trpc-options.js';
export { type FileInput, fileStream } from './procedures/upload.js';
export type { Limits } from './runtime/limits.js';
export { log } from './runtime/process.js';
export {
  type ApiResponse,
  type Conventions,
  DEFAULT_CONVENTIONS,
  type Verdict,
} from './upstream/conventions.js';
export { UpstreamError } from './upstream/errors.js';
export type { Upstream } from './upstream/upstream.js';
