import { create, parse } from 'content-disposition';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { safeFileName } from '../../packages/next-trpc-bff/src/files/file-name';

test.each([
  ['report.pdf', 'report.pdf'],
  ['Grüße “1” 日本 🚲.txt', 'Grüße “1” 日本 🚲.txt'],
  ['../../etc/passwd', 'passwd'],
  ['C:\\Users\\ada\\notes.txt', 'notes.txt'],
  ['invoice\u202Efdp.exe', 'invoicefdp.exe'],
  ['a\r\nSet-Cookie: x=1.txt', 'aSet-Cookie_ x=1.txt'],
  ['what? "this" <is>|a*name:', 'what_ _this_ _is__a_name_'],
  ['.htaccess', 'htaccess'],
  ['trailing. . ', 'trailing'],
  ['a\u0000b\uD800.txt', 'ab.txt'],
  ['', 'download'],
  ['..', 'download'],
  ['a/', 'download'],
  [`${'x'.repeat(300)}.tar.gz`, `${'x'.repeat(117)}.gz`],
])('A6 a file called %j is saved as %j', (name, saved) => {
  expect(safeFileName(name)).toBe(saved);
});

test('A6 property: for any file name the header is one safe line with the safe name', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' })), (name) => {
      const safe = safeFileName(name);
      const header = create(safe);
      return (
        /^attachment; filename=[\x20-\x7e]+$/.test(header) &&
        parse(header).parameters['filename'] === safe &&
        safe.length > 0 &&
        safe.length <= 120 &&
        !/[/\\<>:"|?*\p{Cc}\p{Cf}\p{Cs}]|^\.|\.$/u.test(safe) &&
        safeFileName(safe) === safe
      );
    }),
    { numRuns: 1_000 },
  );
});
