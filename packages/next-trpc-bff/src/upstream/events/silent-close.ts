/** Ends a stream without an error: tRPC closes it silently because of the name, and the client reconnects. */
export class SilentClose extends Error {
  override readonly name = 'AbortError';
  readonly code = 'SILENT_CLOSE';
}

/** Returns whether an error is a {@link SilentClose}. Compares the code, since Next bundles the class several times. */
export const isSilentClose = (cause: unknown): boolean =>
  cause instanceof Error && 'code' in cause && cause.code === 'SILENT_CLOSE';
