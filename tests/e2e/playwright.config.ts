import { defineConfig } from '@playwright/test';
import { chromiumPath } from '../support/chromium';

const executablePath = chromiumPath();

/** Debian's Chromium as root in a closed network: no sandbox, and nothing that phones home. */
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export default defineConfig({
  testDir: '.',
  workers: 2,
  fullyParallel: false,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  forbidOnly: true,
  outputDir: '../../test-results',
  reporter: [['list']],
  use: { launchOptions: { args, ...(executablePath && { executablePath }) } },
});
