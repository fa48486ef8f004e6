import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SCHEMA = `const thing = z.object({ id: z.string(), name: z.string(), kind: z.enum(['a', 'b', 'c']), size: z.number(),
  tags: z.array(z.string()), owner: z.object({ id: z.string(), email: z.email() }).nullable(), updatedAt: z.iso.datetime() });`;

const STYLES = {
  endpoint: {
    imports: `import { endpoint, router } from '../trpc';`,
    procedure: (n: number) =>
      `e${n}: endpoint('GET /things/{id}/part${n}', { input: z.object({ id: z.string(), limit: z.number().optional() }), output: z.array(thing) }),`,
  },
  procedure: {
    imports: `import { protectedProcedure, router } from '../trpc';`,
    procedure: (n: number) =>
      `e${n}: protectedProcedure.input(z.object({ id: z.string(), limit: z.number().optional() })).query(({ ctx, input: { id, ...query } }) => ctx.upstream.get('/things/{id}/part${n}', { params: { id }, query, output: z.array(thing) })),`,
  },
} as const;

/** How many endpoints there are, and how many of them in a router. */
export interface Layout {
  readonly count: number;
  readonly perRouter: number;
}

/** Whether endpoints are written by `endpoint`, or as procedures that call `ctx.upstream`. */
export type Style = keyof typeof STYLES;

/** A client component's file, whose second to last line waits for a completion. */
export const CLIENT = `import { createTRPCReact } from '@trpc/react-query';
import type { AppRouter } from './server/router';
const trpc = createTRPCReact<AppRouter>();
export const useThing = () => trpc.r0.e1.useQuery({ id: '1' }).data?.[0]?.owner?.email;
export const other = () => trpc.r0.
`;

/** Writes endpoints into an application, with their lines in its map, and a client that calls one of them. */
export function writeEndpoints(folder: string, style: Style, { count, perRouter }: Layout): void {
  const { imports, procedure } = STYLES[style];
  const routers = Array.from({ length: Math.ceil(count / perRouter) }, (_, index) => `r${index}`);
  for (const [index, name] of routers.entries()) {
    const size = Math.min(perRouter, count - index * perRouter);
    const procedures = Array.from({ length: size }, (_, n) => procedure(n)).join('\n  ');
    const file = `import { z } from 'zod';\n${imports}\n${SCHEMA}\nexport const ${name} = router({\n  ${procedures}\n});\n`;
    writeFileSync(join(folder, `server/routers/${name}.ts`), file);
  }
  const lines = routers.map((name) => `export { ${name} } from './routers/${name}';\n`);
  appendFileSync(join(folder, 'server/routers.ts'), lines.join(''));
  writeFileSync(join(folder, 'client.ts'), CLIENT.replace(/^export const other.*\n/m, ''));
}
