import { z } from 'zod';

/** What the sign-in itself sets, so that what comes back can be checked. */
const OWN = [
  'client_id',
  'client_secret',
  'code_challenge',
  'code_challenge_method',
  'nonce',
  'redirect_uri',
  'request',
  'request_uri',
  'response_mode',
  'response_type',
  'state',
];

const OF_ITS_OWN = new Map([['scope', 'AUTH_OIDC_SCOPE']]);

/** Longest value, characters: it is a part of an address. */
const LONGEST = 1_000;

/**
 * `AUTH_OIDC_PARAMS`: further parameters of the authorization request, e.g. `audience=https://api.example.com`,
 * `access_type=offline&prompt=consent` or, sent with a refresh too, `resource=https://api.example.com`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8707
 */
export const authorizationParams = z
  .string()
  .default('')
  .superRefine((text, check) => {
    const names = [...new URLSearchParams(text).keys()];
    if (text.length > LONGEST) check.addIssue('is longer than 1,000 characters');
    if (/^[?#]|#/.test(text))
      check.addIssue('is a query string without `?` and `#`, e.g. audience=https://api');
    if (new Set(names).size < names.length || names.includes(''))
      check.addIssue('must name each parameter, and once');
    for (const name of names) {
      const variable = OF_ITS_OWN.get(name);
      if (variable) check.addIssue(`must not contain \`${name}\`, which is ${variable}`);
      if (OWN.includes(name))
        check.addIssue(`must not contain \`${name}\`, which the sign-in sets by itself`);
    }
  })
  .transform((text): Readonly<Record<string, string>> => Object.fromEntries(new URLSearchParams(text)));
