/** Ends a stream without an error: tRPC closes it in silence, which it does for this name, and its reader comes back. */
export class SilentClose extends Error {
  override readonly name = 'AbortError';
  readonly code = 'SILENT_CLOSE';
}

/** Returns whether an error is a {@link SilentClose}. Asks for the code, since Next bundles the class several times. */
export const isSilentClose = (cause: unknown): boolean =>
  cause instanceof Error && 'code' in cause && cause.code === 'SILENT_CLOSE';
