import type { ServerResponse } from 'node:http';

/** Counts the requests that are inside a server at once, and can keep them there. */
export interface Turnstile {
  /** Requests that are not answered yet. */
  readonly inside: number;
  /** The most there were at once since it was closed last. */
  readonly most: number;
  /** Counts a request in until its response ends; resolves when it may be answered. */
  enter(response: ServerResponse): Promise<void>;
  /** Keeps whoever enters from now on, and counts anew. */
  close(): void;
  /** Lets everybody go on, from now on too. */
  release(): void;
}

/** Makes one that lets everybody through. */
export function turnstile(): Turnstile {
  let [inside, most, isHolding] = [0, 0, false];
  const kept: (() => void)[] = [];
  return {
    get inside() {
      return inside;
    },
    get most() {
      return most;
    },
    async enter(response) {
      inside += 1;
      most = Math.max(most, inside);
      response.once('close', () => {
        inside -= 1;
      });
      if (isHolding) await new Promise<void>((go) => kept.push(go));
    },
    close() {
      isHolding = true;
      most = inside;
    },
    release() {
      isHolding = false;
      for (const go of kept.splice(0)) go();
    },
  };
}
