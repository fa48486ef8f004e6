/** A change of the source that takes one guard away; the tests that it names must fail with it. */
export interface Mutant {
  readonly name: string;
  /** What is guarded, in words. */
  readonly guard: string;
  /** `file` lies in `tests/<kind>`; `title` chooses among its tests, as a regular expression. */
  readonly tests: {
    readonly kind: 'unit' | 'integration' | 'e2e';
    readonly file: string;
    readonly title?: string;
  };
  readonly edits: readonly Edit[];
}

/**
 * One piece of source text and what stands there instead. `find` occurs once in all the source, in whatever file
 * and however it is broken into lines. `replace` uses only names that the file has.
 */
export interface Edit {
  readonly find: string;
  readonly replace: string;
}
