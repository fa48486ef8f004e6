/**
 * Returns the tRPC code in an error's data, or null. Checks the structure and not the class, which is lost when React
 * serializes the error.
 */
export function codeOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('data' in error)) return null;
  const { data } = error;
  return typeof data === 'object' && data !== null && 'code' in data && typeof data.code === 'string'
    ? data.code
    : null;
}
