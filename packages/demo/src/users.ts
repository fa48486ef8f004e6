/** Somebody who can sign in at the demo's identity provider. */
export interface DemoUser {
  sub: string;
  name: string;
  email: string;
}

const PASSWORD = 'demo';

const USERS = new Map<string, DemoUser>([
  ['alice', { sub: 'alice', name: 'Alice Archer', email: 'alice@example.com' }],
  ['bob', { sub: 'bob', name: 'Bob Baker', email: 'bob@example.com' }],
]);

/** Looks a user up by subject; `null` when there is no such user. */
export function findUser(sub: string): DemoUser | null {
  return USERS.get(sub) ?? null;
}

/** Checks what the sign-in form sent; `null` when the login is unknown or the password is wrong. */
export function checkPassword(login: string, password: string): DemoUser | null {
  return password === PASSWORD ? findUser(login.trim().toLowerCase()) : null;
}
