/** The access tokens issued to each user, by `jti`, and those the API no longer accepts. */
export class IssuedTokens {
  readonly #bySubject = new Map<string, Set<string>>();
  readonly #rejected = new Set<string>();

  /** Notes an access token that the provider has just issued. */
  record(sub: string, jti: string): void {
    const issued = this.#bySubject.get(sub) ?? new Set<string>();
    this.#bySubject.set(sub, issued.add(jti));
  }

  /** Makes the API reject every access token issued to this user so far; later ones are accepted. */
  rejectAllOf(sub: string): void {
    for (const jti of this.#bySubject.get(sub) ?? []) this.#rejected.add(jti);
    this.#bySubject.delete(sub);
  }

  /** Says whether the API must refuse this access token although its signature and expiry are fine. */
  isRejected(jti: string): boolean {
    return this.#rejected.has(jti);
  }
}
