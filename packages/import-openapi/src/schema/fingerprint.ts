import { objectIn } from '../description/json.js';
import type { Shape } from './shape.js';

/** Returns a text that is the same for equal shapes; components are compared by their place. */
export const fingerprint = (shape: Shape): string =>
  JSON.stringify(shape, (key, value: unknown) => {
    if (key === 'component') return objectIn(value)['at'];
    if (value instanceof Map) return [...value];
    return value instanceof Set ? [...value] : value;
  });
