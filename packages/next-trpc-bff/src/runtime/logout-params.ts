import { z } from 'zod';

/** What a provider is told by the address that signs a user out there. */
export interface LogoutParams {
  /** A path on the issuer's origin, or an address, where the provider's metadata names none; else null. */
  readonly page: string | null;
  /** The parameters, with {@link PLACEHOLDERS} in their values. */
  readonly query: URLSearchParams;
}

/** Those of OpenID Connect (https://openid.net/specs/openid-connect-rpinitiated-1_0.html#RPLogout). */
const STANDARD = 'client_id={client_id}&id_token_hint={id_token}&post_logout_redirect_uri={return_to}';

/** What stands for the client's id, the address to come back to, and the id token. */
const PLACEHOLDERS = /\{(client_id|return_to|id_token)\}/g;

/** Longest value, characters: the address goes into a header. */
const LONGEST = 1_000;

/** `AUTH_OIDC_LOGOUT_PARAMS`. */
export const logoutParams = z
  .string()
  .default(STANDARD)
  .superRefine((text, check) => {
    if (text.length > LONGEST) check.addIssue('is longer than 1,000 characters');
    const { page, query } = parse(text);
    if (page !== null && !isPage(page))
      check.addIssue(
        'may begin with a path, e.g. /v2/logout?returnTo={return_to}, or an address of its own, and nothing else',
      );
    if ([...query].flat().some((part) => /[{}]/.test(part.replaceAll(PLACEHOLDERS, ''))))
      check.addIssue('has a placeholder that is none of {client_id}, {return_to} and {id_token}');
    if (text.includes('#')) check.addIssue('must have no fragment');
  })
  .transform(parse);

function parse(text: string): LogoutParams {
  const isQuery = !/^(?:\/|[a-z]+:)/i.test(text);
  const [page = '', query = ''] = isQuery ? ['', text] : text.split(/\?(.*)/s, 2);
  return { page: page || null, query: new URLSearchParams(query) };
}

const isPage = (page: string) =>
  /^\/(?![/\\])[^{}]*$/.test(page) || (URL.canParse(page) && /^https?:\/\/[^@{}]+$/.test(page));

/**
 * Fills the placeholders. A parameter whose value is not there is left out.
 *
 * @param values - By the names of the placeholders; null where there is none
 */
export function filledIn(
  query: URLSearchParams,
  values: Readonly<Record<'client_id' | 'return_to' | 'id_token', string | null>>,
): [name: string, value: string][] {
  return [...query].flatMap(([name, template]) => {
    let isMissing = false;
    const value = template.replaceAll(PLACEHOLDERS, (_, placeholder: keyof typeof values) => {
      isMissing ||= values[placeholder] === null;
      return values[placeholder] ?? '';
    });
    return isMissing ? [] : [[name, value]];
  });
}
