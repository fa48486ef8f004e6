import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromiumPath } from './support/chromium';
import { executable } from './support/executable';

/** Brings what the tests need beyond npm's packages: `node --import tsx tests/install.ts chromium|redis`. */
interface Need {
  readonly isThere: () => boolean;
  /** Packages of Debian, installed where we are root. */
  readonly packages: readonly string[];
  /** The way elsewhere, if there is one. */
  readonly otherwise: () => boolean;
  readonly complaint: string;
}

/** Runs a command with its output on ours, and tells whether it succeeded. */
const run = (command: string, ...parameters: string[]) =>
  spawnSync(command, parameters, { stdio: 'inherit' }).status === 0;

const NEEDS: Readonly<Record<string, Need>> = {
  chromium: {
    isThere: () => chromiumPath() !== null,
    packages: ['chromium'],
    otherwise: () => run('npx', 'playwright', 'install', 'chromium'),
    complaint:
      'The end-to-end tests need Chromium: install it so that `chromium` is on the PATH (Debian: apt-get install chromium), then run npm test again.',
  },
  redis: {
    isThere: () => ['redis-server', 'redis-cli', 'openssl'].every((name) => executable(name)),
    packages: ['redis-server', 'openssl'],
    otherwise: () => false,
    complaint:
      'The integration tests need Redis and OpenSSL: install them so that `redis-server`, `redis-cli` and `openssl` are on the PATH (Debian: apt-get install redis-server openssl; macOS: brew install redis openssl), then run npm test again.',
  },
};

const isRootOnDebian = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');

function install({ isThere, packages, otherwise }: Need): boolean {
  if (isThere()) return true;
  const installed = isRootOnDebian
    ? run('apt-get', 'update') && run('apt-get', 'install', '-y', '--no-install-recommends', ...packages)
    : otherwise();
  return installed && isThere();
}

for (const name of process.argv.slice(2)) {
  const need = NEEDS[name];
  if (need && install(need)) continue;
  console.error(need?.complaint ?? `Nothing here is called ${name}: use ${Object.keys(NEEDS).join(' or ')}.`);
  process.exit(1);
}
