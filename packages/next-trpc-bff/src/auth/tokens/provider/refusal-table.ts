/**
 * What a refusal means: `over`, only a new sign-in helps; `ours`, the operator has to mend the configuration, and nobody
 * is signed out; `passing`, a later attempt may succeed.
 */
export type KnownMeaning = 'over' | 'ours' | 'passing';

/** An answer to a refresh that is known, and what it means. */
export interface RefusalLine {
  readonly means: KnownMeaning;
  /** Which provider or library says so. */
  readonly who: string;
  /** The HTTP status it was seen with. Another one means the same, but for 408, 429 and 5xx, which are passing. */
  readonly status: number;
  /** The answer, reduced to what tells it from others. */
  readonly body: Readonly<Record<string, unknown>>;
  /** A public page, a GitHub thread as `owner/name#number`, or the word `unsourced`. */
  readonly source: string;
}

const line =
  (means: KnownMeaning) =>
  (who: string, status: number, body: RefusalLine['body'], source: string): RefusalLine => ({
    means,
    who,
    status,
    body,
    source,
  });
const [over, ours, passing] = [line('over'), line('ours'), line('passing')];

const RFC_6749 = 'https://www.rfc-editor.org/rfc/rfc6749#section-5.2';
const MSAL =
  'https://learn.microsoft.com/en-us/javascript/api/@azure/msal-node/interactionrequiredautherrorcodes?view=msal-js-latest';
const SLACK = 'https://api.slack.com/methods/oauth.v2.exchange';
const GITHUB =
  'https://docs.github.com/en/enterprise-server@3.14/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors';
const RFC_6749_AUTHORIZATION = 'https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1';
const JIRA_JS = 'https://mrrefactoring.github.io/jira.js/api/functions/index.isReauthorizationRequired.html';
const BOX =
  'https://support.box.com/hc/en-us/community/posts/360049133654-What-is-the-error-code-return-by-box-API-for-a-token-that-is-expired';
const CLOUDBASE = 'https://docs.cloudbase.net/en/error-code/basic/REFRESH_TOKEN_EXPIRED';
const FUSIONAUTH = 'https://docs.rs/crate/fusionauth-rust-client/latest/source/docs/OAuthErrorReason.md';
const WECHAT = 'https://wohugb.gitbooks.io/wechat/content/qrconnent/refresh_token.html';
const SQUARE = 'https://developer.squareup.com/forums/t/getting-error-while-renew-token/11056';
const FOLLOW_UP_BOSS = 'https://docs.followupboss.com/docs/oauth-error-codes';

/** A code that stands for something else where a text goes with it. */
const told = (error: string, error_description: string) => ({ error, error_description });

/**
 * What providers answer to a refresh token, the first line that fits counts: lines that need a code and a text come
 * before those with the code alone. A code fits in whatever member, case and spelling, a number in the member of that
 * name, a text of three words or more beside a code also as a part of a longer one. Where lines differ, the code in the
 * member `error` decides. To teach the layer a provider, add a line.
 */
export const REFUSALS: readonly RefusalLine[] = [
  over('Atlassian', 403, told('unauthorized_client', 'refresh_token is invalid'), 'raycast/extensions#11836'),
  ours('Auth0, Atlassian', 401, told('access_denied', 'Unauthorized'), JIRA_JS),
  passing(
    'Exact Online',
    400,
    told('access_denied', 'Rate limit exceeded: access_token not expired'),
    'websmurf/laravel-exact-online#31',
  ),
  over(
    'Dex',
    400,
    told('invalid_request', 'Refresh token is invalid or has already been claimed'),
    'dexidp/dex#2613',
  ),
  over('Authlib', 400, told('invalid_request', 'Invalid "refresh_token" in request.'), 'authlib/authlib#112'),
  over('Better Auth', 400, told('invalid_request', 'session not found'), 'better-auth/better-auth#8103'),
  over(
    'Laravel Passport',
    401,
    told('invalid_request', 'The refresh token is invalid'),
    'schedula/laravel-passport-socialite#9',
  ),
  over('X', 400, told('invalid_request', 'Value passed for the token was invalid.'), 'unsourced'),
  passing(
    'Salesforce',
    400,
    told('invalid_grant', 'token request is already being processed'),
    'segmentio/action-destinations#2300',
  ),
  passing('Salesforce', 400, told('invalid_grant', 'login rate exceeded'), 'unsourced'),

  over('RFC 6749', 400, { error: 'invalid_grant' }, RFC_6749),
  over('Keycloak', 400, told('invalid_grant', 'Token is not active'), 'keycloak/keycloak#37961'),
  over('Auth0', 403, told('invalid_grant', 'Unknown or invalid refresh token.'), 'auth0/nextjs-auth0#333'),
  over('Auth0', 403, told('invalid_grant', 'user is blocked'), 'ionic-team/demo-authconnect-auth0#4'),
  over('Entra ID', 400, told('invalid_grant', 'AADSTS700082: The refresh token'), 'blobfile/blobfile#93'),
  over('Okta', 400, told('invalid_grant', 'The refresh token is invalid'), 'okta/okta-react-native#109'),
  over('Google', 400, told('invalid_grant', 'Token has been expired or'), 'porjo/youtubeuploader#181'),
  over('Google', 400, { error_subtype: 'invalid_rapt' }, 'googleapis/google-auth-library-nodejs#1961'),
  over('Cognito', 400, { error: 'invalid_grant' }, 'unsourced'),
  over('Salesforce', 400, told('invalid_grant', 'expired access/refresh token'), 'restforce/restforce#81'),
  over('Spotify', 400, told('invalid_grant', 'Refresh token revoked'), 'novatorem/novatorem#81'),
  over('Zoom', 400, { reason: 'Invalid Token!', error: 'invalid_grant' }, 'raycast/extensions#10896'),
  over('Box', 400, told('invalid_grant', 'Refresh token has expired'), BOX),
  over('Ory Hydra', 400, { error: 'invalid_grant' }, 'ory/hydra#2645'),
  over('django-oauth-toolkit', 400, { error: 'invalid_grant' }, 'django-oauth/django-oauth-toolkit#1342'),
  over('IdentityServer', 400, { error: 'invalid_grant' }, 'DuendeArchive/IdentityServer4#1784'),
  over('Intuit', 400, { error: 'invalid_grant' }, 'intuit/oauth-jsclient#77'),
  over('Follow Up Boss', 404, { error: 'invalid_grant' }, FOLLOW_UP_BOSS),
  over('Twitch', 400, { status: 400, message: 'Invalid grant' }, 'twitchdev/issues#1042'),
  over('Fitbit', 400, { errors: [{ errorType: 'invalid_grant' }] }, 'lukasolson/fitbit-node#14'),

  ours('RFC 6749', 401, { error: 'invalid_client' }, RFC_6749),
  ours('Zoom', 400, { error: 'invalid_client' }, 'JubaerHossain/zoom-laravel#3'),
  ours('RFC 6749', 400, { error: 'unauthorized_client' }, RFC_6749),
  ours('Keycloak', 401, { error: 'unauthorized_client' }, 'keycloak/keycloak#16923'),
  ours(
    'Bitbucket',
    400,
    { error: 'unauthorized_client' },
    'https://gist.github.com/ericchiang/6e82e497ec45ea2aedbf',
  ),
  ours('RFC 6749', 400, { error: 'invalid_scope' }, RFC_6749),
  ours('RFC 6749', 400, { error: 'unsupported_grant_type' }, RFC_6749),
  ours('RFC 8707', 400, { error: 'invalid_target' }, 'https://www.rfc-editor.org/rfc/rfc8707#section-2'),
  ours('GitHub', 200, { error: 'incorrect_client_credentials' }, GITHUB),
  ours('GitHub', 200, { error: 'application_suspended' }, 'unsourced'),
  ours('Slack', 200, { ok: false, error: 'bad_client_secret' }, SLACK),
  ours('Slack', 200, { ok: false, error: 'invalid_client_id' }, SLACK),
  ours('Slack', 200, { ok: false, error: 'token_rotation_not_enabled' }, SLACK),
  ours('Google', 401, { error: 'deleted_client' }, 'unsourced'),
  ours('Google', 400, { error: 'admin_policy_enforced' }, 'unsourced'),

  passing('RFC 6749', 400, { error: 'temporarily_unavailable' }, RFC_6749_AUTHORIZATION),
  passing('RFC 6749', 400, { error: 'server_error' }, RFC_6749_AUTHORIZATION),
  passing('RFC 8628', 400, { error: 'slow_down' }, 'https://www.rfc-editor.org/rfc/rfc8628#section-3.5'),
  passing('Slack', 200, { ok: false, error: 'internal_error' }, SLACK),
  passing('Slack', 200, { ok: false, error: 'fatal_error' }, SLACK),
  passing('Slack', 200, { ok: false, error: 'ratelimited' }, 'unsourced'),
  passing('various', 400, { error: 'rate_limited' }, 'unsourced'),
  passing('various', 400, { error: 'rate_limit_exceeded' }, 'unsourced'),
  passing('various', 400, { error: 'too_many_requests' }, 'unsourced'),

  over('GitHub', 200, { error: 'bad_refresh_token' }, 'interlink-hq/interLink#262'),
  over('Slack', 200, { ok: false, error: 'invalid_refresh_token' }, 'CogniQ/CogniQ#72'),
  over('Follow Up Boss', 401, { error: 'expired-refresh-token' }, FOLLOW_UP_BOSS),
  over('HubSpot', 400, { status: 'BAD_REFRESH_TOKEN' }, 'HGData/mk-node-hubspot#64'),
  over('CloudBase', 400, { code: 'REFRESH_TOKEN_EXPIRED' }, CLOUDBASE),
  over('FusionAuth', 400, { error_reason: 'refresh_token_not_found' }, FUSIONAUTH),
  over('Supabase', 400, { error_code: 'refresh_token_already_used' }, 'unsourced'),
  over('Ory Hydra', 401, { error: 'token_inactive' }, 'ory/hydra#3004'),
  over('Firebase', 400, { error: { message: 'TOKEN_EXPIRED' } }, 'awinogrodzki/next-firebase-auth-edge#21'),
  over('Firebase', 400, { error: { message: 'USER_NOT_FOUND' } }, 'awinogrodzki/next-firebase-auth-edge#21'),
  over('Firebase', 400, { error: { message: 'USER_DISABLED' } }, 'unsourced'),
  over('Strava', 400, { errors: [{ resource: 'RefreshToken', code: 'invalid' }] }, 'dreeveapp/dreeve#1449'),
  over('WeChat', 200, { errcode: 40030 }, WECHAT),
  over('MSAL', 400, { error: 'interaction_required' }, MSAL),
  over('MSAL', 400, { error: 'login_required' }, MSAL),
  over('MSAL', 400, { error: 'consent_required' }, MSAL),
  over('MSAL', 400, { error: 'bad_token' }, MSAL),
  over('Auth0', 403, { error: 'mfa_required' }, 'auth0/nextjs-auth0#2480'),
  over('Spring Security OAuth', 401, { error: 'invalid_token' }, 'spring-attic/spring-cloud-security#224'),
  over('Twitch', 400, { status: 400, message: 'Invalid refresh token' }, 'Teekeks/pyTwitchAPI#37'),
  over('Square', 401, { message: 'Invalid refresh token' }, SQUARE),
];
