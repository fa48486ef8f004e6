import { existsSync } from 'node:fs';
import { chromium } from '@playwright/test';
import { executable } from './executable';

/** Returns the Chromium on the PATH, or Playwright's own where that was downloaded, or null when there is none. */
export function chromiumPath(): string | null {
  const onPath = executable('chromium', 'chromium-browser', 'google-chrome');
  if (onPath) return onPath;
  return existsSync(chromium.executablePath()) ? chromium.executablePath() : null;
}
