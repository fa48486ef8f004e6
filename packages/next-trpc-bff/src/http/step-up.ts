import { challengesIn } from './challenges.js';

/** Why an accepted token is not enough: RFC 9470, RFC 6750, and Microsoft's claims challenge. */
const ERRORS = ['insufficient_user_authentication', 'insufficient_scope', 'insufficient_claims'] as const;

/** What an API asks for beside a token that it accepts: a stronger or newer sign-in, or more scope. */
export interface StepUp {
  /** The API's error code. */
  readonly error: (typeof ERRORS)[number];
  /** The ways to sign in that are strong enough, the preferred one first; empty where it names none. */
  readonly acrValues: readonly string[];
  /** How long ago the sign-in may be, s; null where that does not matter. */
  readonly maxAge: number | null;
  /** The scope that the call needs; empty where it names none. */
  readonly scope: readonly string[];
  /** What Microsoft's services want as the `claims` parameter of the sign-in, in Base64; null elsewhere. */
  readonly claims: string | null;
}

/** What travels to the browser is these characters, and no text. */
const WORD = /^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/;
const SECONDS = /^\d{1,9}$/;
const BASE64 = /^[\w+/-]{1,4000}={0,2}$/;
const MOST_WORDS = 50;

/**
 * Returns what an API asks for in the `WWW-Authenticate` header of an answer, or null when it asks for nothing: the
 * token is refused for another reason, or there is no such header.
 *
 * @param headers - Of the answer
 * @see https://www.rfc-editor.org/rfc/rfc9470#section-3
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3.1
 * @see https://learn.microsoft.com/en-us/entra/identity-platform/claims-challenge
 */
export function stepUpIn(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): StepUp | null {
  const header = [headers['www-authenticate'] ?? []].flat().join(', ');
  const challenges = challengesIn(header).filter(({ scheme }) => scheme === 'bearer' || scheme === 'dpop');
  const params = challenges.find((challenge) => challenge.params.has('error'))?.params;
  const error = ERRORS.find((known) => known === params?.get('error'));
  if (!params || !error) return null;
  const maxAge = params.get('max_age') ?? '';
  const claims = params.get('claims') ?? '';
  return {
    error,
    acrValues: wordsIn(params.get('acr_values')),
    maxAge: SECONDS.test(maxAge) ? Number(maxAge) : null,
    scope: wordsIn(params.get('scope')),
    claims: BASE64.test(claims) ? claims : null,
  };
}

const wordsIn = (list = ''): string[] =>
  list
    .split(' ')
    .filter((word) => WORD.test(word))
    .slice(0, MOST_WORDS);
