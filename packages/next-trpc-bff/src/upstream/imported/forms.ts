import { z } from 'zod';

/**
 * Makes an input of a FormData, the way in which a browser sends files along with words:
 * `formInput(z.object({ id: z.string(), photo: z.file() }))`. It is held in memory, and bounded by `LIMITS`.
 *
 * @param fields - The fields: files and texts, so numbers are `z.coerce.number()` and booleans `z.stringbool()`;
 * arrays collect the fields of one name
 * @returns A schema that takes a FormData and gives an object
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
 * Makes a schema of a text that is JSON, for a field of a form.
 *
 * @param schema - What the JSON holds
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
 * Writes fields as the body of a form, `multipart/form-data`: files as they are, words as texts, lists as several
 * fields of one name, objects as parts of JSON. What is absent is left out.
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
