const LIMIT = 5;
const WINDOW_MS = 60_000;

/** Wrong passwords of the last minute, by login: after five, that login has to wait. */
export class WrongAttempts {
  readonly #times = new Map<string, number[]>();

  note(login: string): void {
    this.#times.set(keyOf(login), [...this.#recent(login), Date.now()]);
  }

  /** Returns for how many seconds the login has to wait; 0 when it may try. */
  secondsToWait(login: string): number {
    const recent = this.#recent(login);
    const [oldest = 0] = recent.slice(-LIMIT);
    return recent.length < LIMIT ? 0 : Math.ceil((oldest + WINDOW_MS - Date.now()) / 1000);
  }

  clear(): void {
    this.#times.clear();
  }

  #recent(login: string): number[] {
    return (this.#times.get(keyOf(login)) ?? []).filter((time) => Date.now() - time < WINDOW_MS);
  }
}

const keyOf = (login: string) => login.trim().toLowerCase();
