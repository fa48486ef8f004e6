import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromiumPath } from './support/chromium';

/** Runs a command with its output on ours, and tells whether it succeeded. */
const run = (command: string, ...parameters: string[]) =>
  spawnSync(command, parameters, { stdio: 'inherit' }).status === 0;

const isRootOnDebian = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');

if (!chromiumPath()) {
  const installed = isRootOnDebian
    ? run('apt-get', 'update') && run('apt-get', 'install', '-y', '--no-install-recommends', 'chromium')
    : run('npx', 'playwright', 'install', 'chromium');
  if (!installed || !chromiumPath()) {
    console.error(
      'The end-to-end tests need Chromium: install it so that `chromium` is on the PATH (Debian: apt-get install chromium), then run npm test again.',
    );
    process.exit(1);
  }
}
