import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { canMountImages, onImage } from '../support/confinement';
import { temporaryFolder } from '../support/environment';

const SCRIPT = fileURLToPath(new URL('../support/power-loss-process.ts', import.meta.url));
const folder = temporaryFolder();

function run(...parameters: string[]): string {
  const [program, ...rest] = onImage(folder, [
    process.execPath,
    '--import',
    'tsx',
    SCRIPT,
    folder,
    ...parameters,
  ]);
  const { status, stdout, stderr } = spawnSync(program, rest, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

test.skipIf(!canMountImages())(
  'R10 saved tokens and ended sessions survive a power failure right after they were acknowledged',
  () => {
    mkdirSync(join(folder, 'disk'));
    const key = run();
    const after = (name: string, suffix = '') => {
      renameSync(join(folder, `${name}.img`), join(folder, 'disk.img'));
      return JSON.parse(run(key + suffix));
    };
    expect(after('saved')).toMatchObject({ tokenVersion: 2, sealedTokens: 'v1.second', endedAt: null });
    expect(after('ended')).toMatchObject({ endedAt: 7, sealedTokens: '' });
    expect(after('ended-by-subject', '-bob')).toMatchObject({ endedAt: 7, endReason: 'revoked' });
    expect(after('ended-by-sid', '-carol')).toMatchObject({ endedAt: 7, endReason: 'back-channel' });
  },
  60_000,
);
