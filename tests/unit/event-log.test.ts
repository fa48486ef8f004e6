import { expect, test } from 'vitest';
import { EventLog } from '../../packages/next-trpc-bff/src/upstream/events/log';

const event = (n: number, data = '1') => ({ id: String(n), name: 'message', data });

test('A7 a log keeps the newest 256 events, each at its position', () => {
  const log = new EventLog('0');
  expect([log.lastPosition, log.lastId, log.after('0'), log.after('7')]).toEqual([0, '0', 0, null]);
  for (let n = 1; n <= 1_000; n += 1) log.append(event(n));
  expect([log.lastPosition, log.lastId]).toEqual([1_000, '1000']);
  expect(log.at(743)).toBeNull();
  expect(log.at(744)?.id).toBe('745');
  expect(log.at(999)?.id).toBe('1000');
  expect([log.after('744'), log.after('745'), log.after('1000')]).toEqual([null, 745, 1_000]);
  expect(log.after('0')).toBeNull();
});

test('A7 a log of large events keeps fewer, and always the newest', () => {
  const log = new EventLog(null);
  for (let n = 1; n <= 10; n += 1) log.append(event(n, 'x'.repeat(100_000)));
  expect([log.after('8'), log.after('9'), log.after('10')]).toEqual([null, 9, 10]);
  log.append(event(11, 'x'.repeat(1_000_000)));
  expect([log.after('10'), log.after('11')]).toEqual([null, 11]);
  expect(log.at(10)?.id).toBe('11');
});
