import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('.', import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: '@', replacement: root },
      { find: 'server-only', replacement: `${root}tests/support/server-only.ts` },
      // The engine's source, not its build: what a test changes or mocks is what the application uses.
      { find: /^next-trpc-bff\//, replacement: `${root}packages/next-trpc-bff/src/` },
    ],
  },
  test: {
    projects: [
      {
        extends: true,
        // Property tests take a second; a machine that is busy may need many.
        test: { name: 'unit', include: ['tests/unit/**/*.test.{ts,tsx}'], testTimeout: 30_000 },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['tests/integration/**/*.test.ts'],
          globalSetup: 'tests/support/certificate.ts',
          // It imports Next by names that Node does not find.
          server: { deps: { inline: ['next-auth'] } },
          // Tests that compile take ten seconds; a machine that is busy may need many more.
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
