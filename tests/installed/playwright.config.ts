import { defineConfig } from '@playwright/test';
import endToEnd from '../e2e/playwright.config';

/** Apps that adopt the package, made and built by the tests themselves: one at a time, and each takes minutes. */
export default defineConfig({ ...endToEnd, testDir: '.', workers: 1, timeout: 120_000 });
