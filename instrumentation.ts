declare global {
  namespace NodeJS {
    interface ProcessEnv {
      /** Set by Next: `nodejs` or `edge`. */
      readonly NEXT_RUNTIME?: string;
    }
  }
}

/**
 * Runs once when the server boots: a wrong configuration stops it here, before the first request.
 *
 * @see https://nextjs.org/docs/app/guides/instrumentation#importing-runtime-specific-code
 */
export async function register(): Promise<void> {
  // Only in this form does webpack leave out what is inside for the edge runtime, where it cannot be compiled.
  if (process.env.NEXT_RUNTIME === 'nodejs') {
    const { boot } = await import('./packages/next-trpc-bff/src/next/boot');
    await boot();
  }
}
