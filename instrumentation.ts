/** Runs once when the server boots: a wrong configuration stops it here, before the first request. */
export async function register(): Promise<void> {
  if (process.env['NEXT_RUNTIME'] !== 'nodejs') return;
  const { boot } = await import('./server/boot');
  await boot();
}
