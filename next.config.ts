import type { NextConfig } from 'next';
import { basePathOf } from 'next-trpc-bff/shared';
import { LIMITS } from './packages/next-trpc-bff/src/runtime/limits';

const AUTH_URL = process.env['AUTH_URL'] ?? '';
const basePath = basePathOf(AUTH_URL);

const config: NextConfig = {
  basePath,
  // For code of ours, in the browser too: see server/base-path.ts.
  env: { BASE_PATH: basePath },
  poweredByHeader: false,
  // Else the proxy cannot tell the router's fetches from documents: their headers would be taken away.
  skipProxyUrlNormalize: true,
  // Bundled, these would exist once in each of Next's module worlds.
  serverExternalPackages: ['@photostructure/sqlite', 'redis', 'undici', 'pino', 'openid-client'],
  // The optimizer logs the address that a stranger gives it, line breaks and all.
  images: { unoptimized: true },
  experimental: {
    serverActions: {
      bodySizeLimit: LIMITS.formBytes,
      // Read at every start: else a proxy that passes another Host would make each Server Action fail.
      allowedOrigins: URL.canParse(AUTH_URL) ? [new URL(AUTH_URL).host] : [],
    },
  },
  headers: async () => [
    {
      source: '/:path*',
      headers: [
        { key: 'x-content-type-options', value: 'nosniff' },
        { key: 'x-frame-options', value: 'DENY' },
        { key: 'referrer-policy', value: 'same-origin' },
      ],
    },
  ],
};

export default config;
