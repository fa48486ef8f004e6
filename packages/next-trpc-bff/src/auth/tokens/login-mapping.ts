import { option } from '../../runtime/process.js';

/** What a user typed. */
export interface Credentials {
  readonly login: string;
  readonly password: string;
}

/**
 * The requests to an API that signs users in by itself, and how its answers are read. The conventions open the
 * envelope.
 */
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
  /** Statuses of the login path, beside those of the conventions, that mean a wrong login or password. */
  readonly wrongPasswordStatuses: readonly number[];
  /**
   * Statuses of the refresh path, beside those of the conventions, that mean a refresh token that is no longer valid.
   */
  readonly rejectedStatuses: readonly number[];
}

/** The mapping in force: these defaults, unless `configureBff({ login })` sets others. */
export const loginMapping = option<LoginMapping>('login', {
  loginBody: ({ login, password }) => ({ login, password }),
  refreshBody: (refreshToken) => ({ refresh_token: refreshToken }),
  logoutBody: (refreshToken) => ({ refresh_token: refreshToken }),
  answer: (payload) => payload,
  wrongPasswordStatuses: [403, 422],
  rejectedStatuses: [400, 403, 422],
});
