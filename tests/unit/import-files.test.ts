import { expect, test } from 'vitest';
import { endpointsAt } from '../../packages/import-openapi/src/routers/endpoints-at-line';
import { openTempProject } from '../../packages/import-openapi/src/routers/temp-project';
import { temporaryFolder } from '../support/environment';

const ROUTER = `const note = z.object({ id: z.string() });

export const notesRouter = router({
  list: endpoint('GET /notes', { output: z.array(note) }),

  remove: endpoint('DELETE /notes/{id}', { output: z.void() }),
});
`;

test.each([['  '], ['    '], ['\t']])(
  'a line of a router belongs to its endpoint, indented by "%s"',
  (indentation) => {
    const router = ROUTER.replaceAll('  ', indentation);
    expect([1, 4, 6].map((line) => endpointsAt(router, line))).toEqual([['list'], ['list'], ['remove']]);
  },
);

test('a project without settings for Biome gets routers with two spaces', async () => {
  const tempProject = openTempProject(temporaryFolder());
  const path = 'server/routers/notes.ts';
  const texts = await tempProject.put(new Map([[path, ROUTER.replaceAll('  ', '\t')]]));
  expect(texts.get(path)).toContain('\n  list: endpoint("GET /notes"');
  tempProject.close();
});
