import { z } from 'zod';
import type { Profile } from '../../session/record.js';

const LONGEST_NAME = 256;
const LONGEST_ADDRESS = 2_000;

/** A claim of another type, an empty one or one that is too long is absent: names are shown, and decide nothing. */
const shown = (characters: number) => z.string().trim().min(1).max(characters).nullable().catch(null);

const claimsSchema = z.object({
  name: shown(LONGEST_NAME),
  preferred_username: shown(LONGEST_NAME),
  given_name: shown(LONGEST_NAME),
  family_name: shown(LONGEST_NAME),
  nickname: shown(LONGEST_NAME),
  email: shown(LONGEST_NAME),
  picture: z
    .url({ protocol: /^https$/ })
    .max(LONGEST_ADDRESS)
    .nullable()
    .catch(null),
});

/**
 * Returns how to show a user: by `name`, else by given and family name, else by `preferred_username` or `nickname`.
 *
 * @param claims - Of an id token, whatever their types are
 * @see https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims
 */
export function profileOf(claims: Readonly<Record<string, unknown>>): Profile {
  const { name, given_name, family_name, preferred_username, nickname, email, picture } =
    claimsSchema.parse(claims);
  const whole = [given_name, family_name].filter((part) => part !== null).join(' ');
  return { name: name ?? (whole || (preferred_username ?? nickname)), email, picture };
}
