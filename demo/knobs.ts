import { z } from 'zod';

const LONGEST_DELAY_MS = 10 * 60 * 1000;

const status = z.int().min(200).max(599);
const delayMs = z.int().min(0).max(LONGEST_DELAY_MS);

const apiKnob = z.strictObject({
  status: status.optional(),
  delayMs: delayMs.optional(),
  body: z.enum(['html', 'json', 'empty']).optional(),
  message: z.string().optional(),
});

const tokenKnob = z.strictObject({
  status: status.optional(),
  delayMs: delayMs.optional(),
  error: z.string().min(1).optional(),
  faultAt: z.enum(['before', 'after']).optional(),
});

/** What `POST /__demo/knobs` accepts; a knob that is not named keeps its position. */
export const knobsInput = z.strictObject({
  api: apiKnob.optional(),
  token: tokenKnob.optional(),
  accessTokenTtl: z.int().min(1).max(86_400).optional(),
  rotate: z.boolean().optional(),
});

/** Misbehaviour of the API, its login included: a status replaces the genuine answer, a delay precedes it. */
export type ApiKnob = z.infer<typeof apiKnob>;
/** Misbehaviour of the token endpoint and of `/api/refresh`, before or after the grant was redeemed. */
export type TokenKnob = z.infer<typeof tokenKnob>;

export interface Knobs {
  api: ApiKnob;
  token: TokenKnob;
  /** Lifetime in seconds of the access tokens issued from now on. */
  accessTokenTtl: number;
  /** Whether a refresh answers with a new refresh token; without, it answers with none. */
  rotate: boolean;
}

/** Returns the positions in which nothing misbehaves. */
export function defaultKnobs(): Knobs {
  return { api: {}, token: {}, accessTokenTtl: 300, rotate: true };
}

/** Returns the positions after an input: the named knobs replaced, or all at their default for `{}`. */
export function turnKnobs(current: Knobs, input: z.infer<typeof knobsInput>): Knobs {
  if (Object.keys(input).length === 0) return defaultKnobs();
  return {
    api: input.api ?? current.api,
    token: input.token ?? current.token,
    accessTokenTtl: input.accessTokenTtl ?? current.accessTokenTtl,
    rotate: input.rotate ?? current.rotate,
  };
}
