import type { NextConfig } from 'next';
import { basePathOf } from './server/base-path';
import { LIMITS } from './server/limits';

const basePath = basePathOf(process.env['AUTH_URL']);

const config: NextConfig = {
  basePath,
  // For code of ours, in the browser too: see server/base-path.ts.
  env: { BASE_PATH: basePath },
  poweredByHeader: false,
  // Else the proxy cannot tell the router's fetches from documents: their headers would be taken away.
  skipProxyUrlNormalize: true,
  // Bundled, these would exist once in each of Next's module worlds.
  serverExternalPackages: ['libsql', 'redis', 'undici', 'pino', 'openid-client'],
  experimental: { serverActions: { bodySizeLimit: LIMITS.formBytes } },
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
