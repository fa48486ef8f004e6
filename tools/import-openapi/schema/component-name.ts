import { unescaped } from '../description/document';
import { camelCase } from '../names';

/** Steps of a path that say where a schema is, not what it is. */
const STEPS = new Set(
  `additionalProperties allOf anyOf components content definitions $defs headers items not oneOf parameters paths
  patternProperties prefixItems properties requestBodies requestBody responses schema schemas`.split(/\s+/),
);

/** Returns the name of a component's constant, by the last step of its path that says what it is. */
export function constantNameOf(at: string): string {
  const [file = '', pointer = ''] = at.split('#');
  const steps = pointer.split('/').map(unescaped);
  const named = steps.findLast((step) => /^[^\d/-][^/]*$/.test(step) && !STEPS.has(step));
  return camelCase(
    named ??
      file
        .split('/')
        .at(-1)
        ?.replace(/\.\w+$/, '') ??
      'shape',
  );
}
