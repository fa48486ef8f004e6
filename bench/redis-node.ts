import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { openRedisStore } from '../packages/next-trpc-bff/src/session/redis/store';
import { ask, startRedis } from '../tests/support/redis-server';
import { sampleSession, sealedSample } from './sample-session';

/**
 * Measures how much one Redis node bears: several processes, each with the store's one connection and many calls at
 * once, read, begin and refresh sessions as fast as they can. `npm run bench:redis -- --sessions 100000`.
 */
const order = z.object({
  operation: z.enum(['fill', 'read', 'begin', 'refresh']),
  amount: z.number(),
});
type Order = z.infer<typeof order>;

/** How many calls each process has under way: about as many as a busy `next start` has requests. */
const AT_ONCE = 50;
const ROUNDS = 7;
const ROUND_MS = 2_000;

if (process.send) client(process.argv[2] ?? '');
else await measure();

/** One of the processes: carries out orders, each until so many are done (`fill`) or so many ms have passed. */
function client(url: string): void {
  const store = openRedisStore(url);
  const sessions: { key: string; version: number }[] = [];
  const sealed = sealedSample('any');

  async function begin(): Promise<void> {
    const record = sampleSession(`user-${process.pid}-${sessions.length >> 1}`);
    await store.create(record);
    sessions.push({ key: record.key, version: 1 });
  }
  async function read(n: number): Promise<void> {
    const found = await store.read(sessions[(n * 7_919) % sessions.length]?.key ?? '');
    if (!found) throw new Error('A session is lost.');
  }
  async function refresh(n: number): Promise<void> {
    const session = sessions[(n * 7_919) % sessions.length];
    if (!session) return;
    const { key, version } = session;
    session.version += 1;
    await store.read(key);
    const lease = await store.takeRefreshLease(key, version, 'bench', 15_000);
    if (lease !== 'taken' || !(await store.saveTokens(key, version, sealed)))
      throw new Error('Not refreshed.');
  }
  const operations = { fill: begin, read, begin, refresh };

  async function carryOut({ operation, amount }: Order): Promise<number> {
    const deadline = performance.now() + amount;
    let done = 0;
    const isOver = () => (operation === 'fill' ? done >= amount : performance.now() >= deadline);
    const worker = async () => {
      while (!isOver()) await operations[operation](done++);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return done;
  }

  process.on('message', async (message) => process.send?.(await carryOut(order.parse(message))));
  process.on('disconnect', () => process.exit(0));
  process.send?.('ready');
}

async function measure(): Promise<void> {
  const { values } = parseArgs({ options: { sessions: { type: 'string', default: '100000' } } });
  const redis = await startRedis();
  const clients: ChildProcess[] = [];
  const have = async (these: ChildProcess[], what: Order) => {
    const answers = these.map((child) => once(child, 'message'));
    for (const child of these) child.send(what);
    return (await Promise.all(answers)).reduce((sum, [done]) => sum + Number(done), 0);
  };
  /** Processor time of the server so far, s. */
  const processorTime = async () => {
    const info = await ask(redis, 'INFO', 'cpu');
    return [...info.matchAll(/^used_cpu_(?:sys|user):([\d.]+)/gm)].reduce((sum, [, s]) => sum + Number(s), 0);
  };

  try {
    const script = fileURLToPath(import.meta.url);
    while (clients.length < 4) clients.push(fork(script, [redis.url], { execArgv: ['--import', 'tsx'] }));
    for (const child of clients) child.once('exit', (code) => code !== 0 && process.exit(1));
    await Promise.all(clients.map((child) => once(child, 'message')));
    const load = loadavg()[0]?.toFixed(2);
    await have(clients, { operation: 'fill', amount: Number(values.sessions) / clients.length });
    console.log(
      `One Redis node, ${values.sessions} sessions; ${ROUNDS} rounds of ${ROUND_MS} ms; load of the machine before: ${load}`,
    );
    for (const operation of ['read', 'begin', 'refresh'] as const) {
      for (const count of [1, 2, 4]) {
        const rates: number[] = [];
        const shares: number[] = [];
        for (let round = 0; round < ROUNDS; round += 1) {
          const [began, busy] = [performance.now(), await processorTime()];
          const done = await have(clients.slice(0, count), { operation, amount: ROUND_MS });
          const seconds = (performance.now() - began) / 1_000;
          rates.push(Math.round(done / seconds));
          shares.push(Math.round((((await processorTime()) - busy) / seconds) * 100));
        }
        const [min, median, max] = spread(rates);
        console.log(
          `  ${operation.padEnd(7)} from ${count} ${count === 1 ? 'process:  ' : 'processes:'} min ${min}, median ${median}, max ${max} a second; Redis busy ${spread(shares)[1]} % of a core`,
        );
      }
    }
  } finally {
    for (const child of clients) child.disconnect();
    await redis.stop();
  }
}

function spread(numbers: number[]): [min: number, median: number, max: number] {
  const sorted = numbers.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  return [at(0), at(0.5), at(1)];
}
