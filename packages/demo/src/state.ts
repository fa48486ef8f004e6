import { type Counters, zeroCounters } from './counters';
import { IssuedTokens } from './issued-tokens';
import { defaultKnobs, type Knobs } from './knobs';
import { NoteChanges } from './note-changes';

/** What provider, API and control share; one per `startDemoServices`, so that instances stay apart. */
export interface DemoState {
  counters: Counters;
  knobs: Knobs;
  readonly issuedTokens: IssuedTokens;
  readonly changes: NoteChanges;
}

/** Returns the state of services that have just started. */
export function createDemoState(): DemoState {
  return {
    counters: zeroCounters(),
    knobs: defaultKnobs(),
    issuedTokens: new IssuedTokens(),
    changes: new NoteChanges(),
  };
}
