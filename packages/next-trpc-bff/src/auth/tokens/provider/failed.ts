import { describeError } from '../../../runtime/process.js';
import type { Refusal } from './refusal.js';

/** Codes of a connection that was never made. */
const UNREACHED: readonly (string | undefined)[] = [
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
];

const FAILED = 'IDENTITY_PROVIDER_FAILED';

/**
 * The identity provider refused, or gave no valid answer. Has no `cause`: the errors of libraries hold the whole answer,
 * tokens included.
 */
export class IdentityProviderFailed extends Error {
  override readonly name = 'IdentityProviderFailed';
  readonly code = FAILED;
  /** The HTTP status of its answer; null when there was none. */
  readonly status: number | null;
  /** The OAuth error code of its answer, e.g. `invalid_client`; null when it named none. */
  readonly oauthError: string | null;
  /** Whether it cannot have got the request. */
  readonly isUnreached: boolean;

  /**
   * @param cause - The error of the network or of a library, of which only names and codes are kept; or null
   * @param refusal - How the provider refused, if it did
   */
  constructor(
    cause: unknown,
    readonly refusal: Refusal | null = null,
  ) {
    const status = refusal?.status ?? statusOf(cause);
    super(refusal ? refused(refusal) : unanswered(cause, status));
    this.status = status;
    this.oauthError = refusal?.error ?? null;
    const { code, cause: inner } = describeError(cause);
    this.isUnreached = UNREACHED.includes(inner?.code ?? code);
  }
}

/** An answer that is not the one that was asked for. */
export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer';

  /** @param status - Its HTTP status */
  constructor(readonly status: number) {
    super('The answer is not the one that was asked for.');
  }
}

/** An address in the provider's metadata that cannot be used. */
export class UnusableEndpoint extends Error {
  override readonly name = 'UnusableEndpoint';

  /** @param code - Why not */
  constructor(readonly code: 'ENDPOINT_MISSING') {
    super('The provider’s metadata names no address that can be used.');
  }
}

/** Compares the code: Next bundles the class several times. */
export const isIdentityProviderFailed = (error: unknown): error is IdentityProviderFailed =>
  error instanceof Error && 'code' in error && error.code === FAILED;

/**
 * Returns the failure that something thrown is, or that a library has wrapped; otherwise makes one of it.
 *
 * @param thrown - By a request to the provider, or by a library that reads its answer
 */
export function failureOf(thrown: unknown): IdentityProviderFailed {
  if (isIdentityProviderFailed(thrown)) return thrown;
  if (thrown instanceof Error && isIdentityProviderFailed(thrown.cause)) return thrown.cause;
  return new IdentityProviderFailed(thrown);
}

const refused = ({ status, error }: Refusal) =>
  `The identity provider refused: ${[status, error].filter((part) => part !== null).join(' ')}.`;

function unanswered(cause: unknown, status: number | null): string {
  const { name, code, cause: inner } = describeError(cause);
  const parts = [name, code, status, inner?.code].filter(Boolean);
  return `The identity provider did not answer properly: ${parts.join(' ')}.`;
}

const statusOf = (cause: unknown) =>
  typeof cause === 'object' && cause !== null && 'status' in cause && typeof cause.status === 'number'
    ? cause.status
    : null;
