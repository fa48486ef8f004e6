import { IdentityProviderFailed, UnexpectedAnswer } from './failed.js';
import { contentOf, isRecord, refusalOf } from './refusal.js';
import type { ProviderAnswer } from './request.js';

/** The members of a token answer that are used; those that are absent are undefined, however that was said. */
export interface IssuedTokens {
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly id_token?: string;
  /** Seconds. */
  readonly expires_in?: number;
}

/**
 * Reads the answer of a token endpoint: JSON or a form, with numbers as numbers or as text. What is not used is not
 * looked at.
 *
 * @returns The tokens that were issued, and `content`, the whole answer
 * @throws {IdentityProviderFailed} when none were: with the refusal if it is one
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.1
 */
export function readTokenAnswer({ status, headers, text }: ProviderAnswer): {
  issued: IssuedTokens;
  content: Readonly<Record<string, unknown>>;
} {
  const content = contentOf(text);
  const accessToken = isRecord(content) && textIn(content, 'access_token');
  if (status >= 200 && status <= 299 && isRecord(content) && accessToken) {
    const refresh_token = textIn(content, 'refresh_token');
    const id_token = textIn(content, 'id_token');
    const expires_in = secondsIn(content, 'expires_in');
    const issued = {
      access_token: accessToken,
      ...(refresh_token !== undefined && { refresh_token }),
      ...(id_token !== undefined && { id_token }),
      ...(expires_in !== undefined && { expires_in }),
    };
    return { issued, content };
  }
  const refusal = refusalOf(status, content, headers.get('www-authenticate'));
  throw new IdentityProviderFailed(new UnexpectedAnswer(status), refusal);
}

const textIn = (content: Record<string, unknown>, name: string): string | undefined => {
  const value = content[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

const secondsIn = (content: Record<string, unknown>, name: string): number | undefined => {
  const value = content[name];
  const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
};
