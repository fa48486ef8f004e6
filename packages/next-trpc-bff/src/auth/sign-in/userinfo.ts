import { describeError, log } from '../../runtime/process.js';
import type { Profile } from '../../session/record.js';
import { askEndpoint, discovered } from '../tokens/provider/discovery.js';
import { contentOf, isRecord } from '../tokens/provider/refusal.js';
import { profileOf } from './names.js';

const NOBODY: Profile = { name: null, email: null, picture: null };

/**
 * Completes what an id token says of a user by what the provider's userinfo endpoint says, where it has one. Asked only
 * where something is missing; never fails, since names decide nothing.
 *
 * @param known - From the id token, which counts where both say something
 * @param subject - Of the id token: an answer about anybody else is not used
 * @param accessToken - With which to ask
 * @see https://openid.net/specs/openid-connect-core-1_0.html#UserInfo
 */
export async function completeProfile(
  known: Profile,
  subject: string,
  accessToken: string,
): Promise<Profile> {
  if (known.name !== null && known.email !== null) return known;
  const more = await askUserinfo(subject, accessToken);
  return {
    name: known.name ?? more.name,
    email: known.email ?? more.email,
    picture: known.picture ?? more.picture,
  };
}

async function askUserinfo(subject: string, accessToken: string): Promise<Profile> {
  try {
    const { userinfo_endpoint } = (await discovered()).serverMetadata();
    if (!userinfo_endpoint) return NOBODY;
    const headers = { authorization: `Bearer ${accessToken}`, accept: 'application/json' };
    const { status, text } = await askEndpoint(userinfo_endpoint, { headers });
    const claims = contentOf(text);
    if (status === 200 && isRecord(claims) && claims['sub'] === subject) return profileOf(claims);
    log().warn({ event: 'userinfo_unusable', status });
  } catch (error) {
    log().warn({ event: 'userinfo_failed', error: describeError(error) });
  }
  return NOBODY;
}
