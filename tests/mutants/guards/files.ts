import type { Mutant } from '../mutant';

/** Downloads, uploads and forms. */
export const files: readonly Mutant[] = [
  {
    name: 'download-any-header',
    guard: 'only an allow-list of the API’s headers passes',
    tests: { kind: 'integration', file: 'download-faults.test.ts', title: 'only the file' },
    edits: [
      {
        find: '...SAFETY,',
        replace: `...SAFETY,
                  ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),`,
      },
    ],
  },
  {
    name: 'download-held',
    guard: 'a download is fetched as slowly as it is read',
    tests: { kind: 'integration', file: 'download.test.ts', title: 'faster than' },
    edits: [
      {
        find: 'new ByteLengthQueuingStrategy({ highWaterMark: BUFFER_BYTES })',
        replace: 'new ByteLengthQueuingStrategy({ highWaterMark: 1_000_000_000 })',
      },
    ],
  },
  {
    name: 'download-not-taken',
    guard: 'a download that nobody takes gives its place back',
    tests: { kind: 'integration', file: 'download-faults.test.ts', title: 'is not read is aborted' },
    edits: [
      {
        find: "controller.error(new Error('Nobody takes the download.')); body.destroy();",
        replace: "controller.error(new Error('Nobody takes the download.'));",
      },
    ],
  },
  {
    name: 'download-shown',
    guard: 'a file of which a page could be made is never shown',
    tests: { kind: 'integration', file: 'download.test.ts', title: 'never executed' },
    edits: [{ find: "HARMLESS_TYPE.test(said) ? said : 'application/octet-stream'", replace: 'said' }],
  },
  {
    name: 'form-boundary',
    guard: 'a form’s boundary is read as its parser reads it',
    tests: { kind: 'integration', file: 'body-limits.test.ts', title: 'parts of a form' },
    edits: [
      {
        find: "? params.get('boundary') : null",
        replace: String.raw`? (/.*boundary=(\S+)/.exec(contentType)?.[1] ?? null) : null`,
      },
    ],
  },
  {
    name: 'form-parts-in-pieces',
    guard: 'a form’s parts are counted however it arrives',
    tests: { kind: 'integration', file: 'body-limits.test.ts', title: 'too many parts' },
    edits: [{ find: 'rest = text.subarray(Math.max(from, text.length - mark.length + 1));', replace: '' }],
  },
  {
    name: 'form-parts',
    guard: 'a form has only so many parts',
    tests: { kind: 'integration', file: 'body-limits.test.ts', title: 'too many parts' },
    edits: [{ find: 'partsIn !== null && partsIn(value) > limits().formParts', replace: 'false' }],
  },
  {
    name: 'part-unasked',
    guard: 'a part of a file that nobody asked for is refused',
    tests: { kind: 'integration', file: 'download-faults.test.ts', title: 'A8 a part' },
    edits: [{ find: 'if (status !== 206 ||', replace: 'if (status !== 207 ||' }],
  },
  {
    name: 'unbounded-body',
    guard: 'a body that does not say its size is bounded',
    tests: { kind: 'integration', file: 'endpoint.test.ts', title: 'body' },
    edits: [
      { find: 'req: request.body ? bounded(request, request.body) : request', replace: 'req: request' },
    ],
  },
  {
    name: 'upload-held',
    guard: 'an upload is passed on piece by piece',
    tests: { kind: 'integration', file: 'upload.test.ts', title: 'does not read' },
    edits: [{ find: '{ highWaterMark: 0 }', replace: '{ highWaterMark: 1_000_000 }' }],
  },
  {
    name: 'upload-left-on-the-line',
    guard: 'what nobody reads of an upload is taken off the line',
    tests: { kind: 'integration', file: 'upload.test.ts', title: 'early refusal' },
    edits: [{ find: 'cancel() { drop().catch(ignoreDisconnect); }', replace: 'cancel() {}' }],
  },
];
