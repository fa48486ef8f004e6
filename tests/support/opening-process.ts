import { z } from 'zod';
import { describeError } from '../../packages/next-trpc-bff/src/runtime/process';
import { openSqliteStore } from '../../packages/next-trpc-bff/src/session/sqlite/store';

/** A process of its own that, for each message, opens session databases one after the other and answers what went wrong. */
const files = z.array(z.string());

process.on('message', (message) => {
  const faults = files.parse(message).flatMap((file) => {
    try {
      openSqliteStore(file);
      return [];
    } catch (error) {
      return [JSON.stringify(describeError(error))];
    }
  });
  process.send?.(faults);
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
