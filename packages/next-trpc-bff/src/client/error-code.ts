/** Returns the tRPC code in an error's data, or null. Looks at its structure: the class is lost when React serializes it. */
export function codeOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('data' in error)) return null;
  const { data } = error;
  return typeof data === 'object' && data !== null && 'code' in data && typeof data.code === 'string'
    ? data.code
    : null;
}
