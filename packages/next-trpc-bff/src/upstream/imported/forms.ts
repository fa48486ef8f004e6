import { z } from 'zod';

/**
 * Makes an input schema for a FormData, in which a browser sends files and text together:
 * `formInput(z.object({ id: z.string(), photo: z.file() }))`. The form is held in memory and limited by `limits`.
 *
 * @param fields - The fields, which are files and strings: numbers are `z.coerce.number()`, booleans `z.stringbool()`,
 *   and an array collects all fields of its name
 * @returns A schema that takes a FormData and returns an object
 */
export function formInput<Fields extends z.ZodObject>(fields: Fields) {
  return z.instanceof(FormData).transform((form, context): z.output<Fields> => {
    const given = Object.entries(fields.shape).flatMap(([name, field]) => {
      const values = form.getAll(name);
      return values.length === 0 ? [] : [[name, isList(field) ? values : values[0]] as const];
    });
    const checked = fields.safeParse(Object.fromEntries(given));
    if (checked.success) return checked.data;
    for (const issue of checked.error.issues) context.addIssue({ ...issue });
    return z.NEVER;
  });
}

const isList = (field: unknown): boolean => {
  if (field instanceof z.ZodPipe) return isList(field.in);
  return WRAPPERS.some((wrapper) => field instanceof wrapper)
    ? isList(Object(field).unwrap())
    : field instanceof z.ZodArray;
};

const WRAPPERS = [z.ZodOptional, z.ZodNullable, z.ZodDefault, z.ZodPrefault, z.ZodReadonly];

/**
 * Makes a schema for a form field that contains JSON.
 *
 * @param schema - The schema of the parsed JSON
 */
export function jsonText<Schema extends z.ZodType>(schema: Schema) {
  return z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: 'custom', message: 'This is no JSON.' });
        return z.NEVER;
      }
    })
    .pipe(schema);
}

/**
 * Serializes fields as a form body, `multipart/form-data`: files unchanged, other values as text, lists as several
 * fields of one name, objects as JSON parts. Undefined and null are left out.
 *
 * @see https://spec.openapis.org/oas/v3.1.1.html#encoding-object
 */
export function multipart(fields: Readonly<Record<string, unknown>>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item === undefined || item === null) continue;
      form.append(name, typeof item === 'object' ? asPart(item) : String(item));
    }
  }
  return form;
}

const asPart = (value: object): Blob =>
  value instanceof Blob ? value : new Blob([JSON.stringify(value)], { type: 'application/json' });
