import { z } from 'zod';
import { isAllowedAddress, USE_HTTPS } from '../../../runtime/http-hosts.js';
import { describeError, env, log } from '../../../runtime/process.js';

/** The identity provider is, or says that it is, at an address that may not be asked. */
export class InsecureAddress extends Error {
  override readonly name = 'InsecureAddress';
  readonly code = 'INSECURE_ADDRESS';

  /** @param what - Which of its addresses: `token_endpoint` */
  constructor(what: string) {
    super(`The ${what} of the identity provider ${USE_HTTPS}.`);
  }
}

/** The addresses in a provider's metadata that we ask, or send a browser to. */
const ENDPOINTS = [
  'authorization_endpoint',
  'token_endpoint',
  'userinfo_endpoint',
  'jwks_uri',
  'revocation_endpoint',
  'end_session_endpoint',
] as const;

const metadata = z.record(z.string(), z.unknown());

/**
 * Makes sure that a provider's metadata names no address that may not be asked.
 *
 * @param content - The parsed body of its answer; one that is no metadata names none
 * @throws {InsecureAddress} which is logged too
 */
export function assertAllowedEndpoints(content: unknown): void {
  const named = metadata.safeParse(content).data ?? {};
  for (const name of ENDPOINTS) assertAllowedAddress(name, named[name]);
}

/**
 * Makes sure that an address of the provider may be asked, by the rule of {@link isAllowedAddress}.
 *
 * @param what - Which one it is, for the message
 * @param address - What is no address is for others to refuse
 * @throws {InsecureAddress} which is logged too: what libraries make of it names neither the endpoint nor the variable
 */
export function assertAllowedAddress(what: string, address: unknown): void {
  if (typeof address !== 'string' || !URL.canParse(address)) return;
  if (isAllowedAddress(new URL(address), env().HTTP_HOSTS)) return;
  const error = new InsecureAddress(what);
  log().error({ event: 'insecure_address', error: describeError(error) });
  throw error;
}
