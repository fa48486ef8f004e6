/** Messages by field name. */
export type FieldErrors = Readonly<Record<string, readonly string[] | undefined>>;

/**
 * Returns the errors of single fields of a form, from the procedure's own schema or from the API's answer with 400 or
 * 422. Takes the error of a hook as well as one thrown by `caller` in a Server Action.
 *
 * @param error - Anything that was thrown
 * @returns Messages by field name, or null when the error is not about fields
 */
export function fieldErrorsOf(error: unknown): FieldErrors | null {
  const { code, data, failure, cause } = Object(error);
  const issues: unknown = Object(cause).issues;
  // Issues of a BAD_GATEWAY are about the API's answer.
  if (code === 'BAD_REQUEST' && Array.isArray(issues)) return byField(issues);
  return data?.input ?? data?.upstream?.fieldErrors ?? failure?.fieldErrors ?? null;
}

function byField(issues: readonly { path: readonly PropertyKey[]; message: string }[]): FieldErrors {
  const fields = new Map<string, string[]>();
  for (const { path, message } of issues) {
    const name = String(path[0] ?? '');
    fields.set(name, [...(fields.get(name) ?? []), message]);
  }
  return Object.fromEntries(fields);
}
