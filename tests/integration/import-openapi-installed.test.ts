import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { copyOfApplication } from '../support/documented-code';
import { importInstalled, importInto } from '../support/importing';

const [installed, fromSource] = [copyOfApplication(), copyOfApplication()];
const run = importInstalled(installed, 'zoo.yaml');
const expected = importInto(fromSource, 'zoo.yaml');

const routersIn = (copy: string) => {
  const folder = join(copy, 'server/routers');
  return readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]);
};

test('A5 the packed importer runs on plain Node and writes what its source writes', () => {
  expect(run).toEqual(expected);
  expect(run.lines).toContain('19 of 20 operations became endpoints.');
  expect(routersIn(installed)).toEqual(routersIn(fromSource));
});
