import { z } from 'zod';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\]|::1)$/;

/** Returns whether a host is this machine, by its name. */
export const isLoopback = (host: string): boolean => LOOPBACK.test(host);

/**
 * The one rule for whom we talk to in the clear, API and identity provider alike: this machine, and the hosts that
 * `HTTP_HOSTS` names. All else takes https.
 *
 * @param url - Where a request would go, or a browser be sent
 * @param httpHosts - As in {@link Env}
 */
export const isAllowedAddress = (url: URL, httpHosts: readonly string[]): boolean =>
  url.protocol === 'https:' ||
  (url.protocol === 'http:' && (isLoopback(url.hostname) || httpHosts.includes(url.hostname)));

/** What to do about an address that is not allowed. */
export const USE_HTTPS =
  'uses http beyond this machine, where tokens would travel in the clear: use https, or name its host in HTTP_HOSTS if you trust the network in between';

/** `HTTP_HOSTS`: host names as an address would have them, so that comparing them needs no thought. */
export const httpHosts = z
  .string()
  .default('')
  .transform((list) => list.split(',').flatMap((name) => name.trim().toLowerCase() || []))
  .refine(
    (names) => names.every(isHostName),
    'must be host names with commas between them, without scheme, port, path and `*`, e.g. api,keycloak.internal',
  );

/**
 * An address that is reached by https, or by http where `HTTP_HOSTS` allows it: that is known once all is read.
 *
 * @param purpose - What to set it to, for messages
 */
export const httpUrl = (purpose: string) =>
  z.string(`is missing: set it to ${purpose}`).superRefine((value, check) => {
    const url = URL.canParse(value) ? new URL(value) : null;
    if (!url || !/^https?:$/.test(url.protocol)) {
      check.addIssue(`is not an http(s) URL: set it to ${purpose}`);
    } else if (url.username || url.password || url.search || url.hash) {
      check.addIssue('must be a plain address without credentials, query or fragment');
    }
  });

/** An address that may have a query, as `AUTH_OIDC_DISCOVERY_URL`. */
export const documentUrl = z
  .string()
  .refine(
    (value) => /^https?:\/\/[^@#]+$/.test(value) && URL.canParse(value),
    'is no address of a metadata document, e.g. https://id.example.com/.well-known/openid-configuration',
  );

/** Scheme, host and port, as `AUTH_OIDC_BACKCHANNEL_ORIGIN`. */
export const origin = z
  .string()
  .refine(
    (value) => URL.canParse(value) && [new URL(value).origin, `${new URL(value).origin}/`].includes(value),
    'must be an origin without a path, e.g. http://keycloak:8080',
  );

const isHostName = (name: string) =>
  /^[\w.:[\]-]+$/.test(name) &&
  URL.canParse(`http://${name}`) &&
  new URL(`http://${name}/`).href === `http://${name}/` &&
  new URL(`http://${name}`).port === '';
