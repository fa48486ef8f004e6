import { option } from '../../runtime/process.js';

/** What a user typed. */
export interface Credentials {
  readonly login: string;
  readonly password: string;
}

/** How an API that signs users in by itself is asked and understood. The envelope is opened by the conventions. */
export interface LoginMapping {
  /** Returns the body of `POST UPSTREAM_LOGIN_PATH`. */
  readonly loginBody: (credentials: Credentials) => unknown;
  /** Returns the body of `POST UPSTREAM_REFRESH_PATH`. */
  readonly refreshBody: (refreshToken: string) => unknown;
  /** Returns the body of `POST UPSTREAM_LOGOUT_PATH`. */
  readonly logoutBody: (refreshToken: string | null) => unknown;
  /**
   * Turns an answer of the login or refresh path into `{ access_token, refresh_token, expires_in, user }`: `expires_in`
   * in s, `user` with `id`, `name`, `email` and `picture`. All but `access_token`, and `user.id` at the login, may be absent.
   */
  readonly answer: (payload: unknown) => unknown;
  /** Statuses beside those of the conventions by which the login path says that login and password do not match. */
  readonly wrongPasswordStatuses: readonly number[];
  /** Statuses beside those of the conventions by which the refresh path says that a refresh token is finished. */
  readonly rejectedStatuses: readonly number[];
}

/** The mapping in force: these defaults, and what `configureBff({ login })` says. */
export const loginMapping = option<LoginMapping>('login', {
  loginBody: ({ login, password }) => ({ login, password }),
  refreshBody: (refreshToken) => ({ refresh_token: refreshToken }),
  logoutBody: (refreshToken) => ({ refresh_token: refreshToken }),
  answer: (payload) => payload,
  wrongPasswordStatuses: [403, 422],
  rejectedStatuses: [400, 403, 422],
});
