import type { NextConfig } from 'next';
import { basePathOf } from '../runtime/base-path.js';

/** Not bundled: a bundled copy would be instantiated once in each of Next's module graphs. */
const EXTERNAL_PACKAGES = ['@photostructure/sqlite', 'redis', 'undici', 'pino', 'openid-client'];

const SAFETY_HEADERS = [
  { key: 'x-content-type-options', value: 'nosniff' },
  { key: 'x-frame-options', value: 'DENY' },
  { key: 'referrer-policy', value: 'same-origin' },
];

/**
 * Completes an application's Next configuration with what the layer needs. `basePath` comes from `AUTH_URL`.
 *
 * @param config - The application's own
 * @returns The same with the layer's packages, headers and settings added
 * @throws {TypeError} when `config` has a base path of its own that is not the one of `AUTH_URL`
 * @see https://nextjs.org/docs/app/api-reference/config/next-config-js
 */
export function withBff(config: NextConfig = {}): NextConfig {
  const { AUTH_URL = '' } = process.env;
  const basePath = basePathOf(AUTH_URL);
  if (config.basePath !== undefined && config.basePath !== basePath)
    throw new TypeError(
      `next.config: basePath is "${config.basePath}", and AUTH_URL says "${basePath}". Leave basePath out and put it into AUTH_URL.`,
    );
  const { env, experimental, headers, images, serverExternalPackages = [] } = config;
  return {
    ...config,
    basePath,
    // Replaced in the package's code, in the browser too: see runtime/base-path.ts.
    env: { ...env, BASE_PATH: basePath },
    poweredByHeader: false,
    // Else Next removes the headers by which the proxy tells the router's fetches from documents.
    skipProxyUrlNormalize: true,
    serverExternalPackages: [...serverExternalPackages, ...EXTERNAL_PACKAGES],
    // The optimizer logs addresses from requests, line breaks included.
    images: { ...images, unoptimized: true },
    experimental: {
      ...experimental,
      serverActions: {
        ...experimental?.serverActions,
        // Read at every start: else Server Actions would fail behind a proxy that passes another Host.
        allowedOrigins: [
          ...(experimental?.serverActions?.allowedOrigins ?? []),
          ...(URL.canParse(AUTH_URL) ? [new URL(AUTH_URL).host] : []),
        ],
      },
    },
    headers: async () => [{ source: '/:path*', headers: SAFETY_HEADERS }, ...((await headers?.()) ?? [])],
  };
}
