export async function register() {
  if (process.env.NEXT_RUNTIME === 'nodejs') {
    await import('./server/bff');
    const { boot } = await import('next-trpc-bff/instrumentation');
    await boot();
  }
}
