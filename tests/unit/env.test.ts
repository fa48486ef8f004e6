import { describe, expect, test } from 'vitest';
import { InvalidConfiguration, readEnv, secretsOf } from '../../packages/next-trpc-bff/src/runtime/env';
import { completeEnvironment } from '../support/environment';

const reading = (changes: Record<string, string | undefined>) => () =>
  readEnv({ ...completeEnvironment(), ...changes });

test('a complete environment is read, with defaults', () => {
  expect(reading({})()).toMatchObject({
    AUTH_URL: 'http://localhost:3000',
    SESSION_STORE_URL: 'file:./.data/sessions.db',
    UPSTREAM_TIMEOUT_MS: 10_000,
    AUTH_OIDC_END_SESSION: true,
    INSTANCES: 'one',
    SESSIONS_PER_USER: 100,
  });
});

test('S12 an empty environment names every variable that is missing', () => {
  expect(() => readEnv({})).toThrow(InvalidConfiguration);
  for (const name of [
    'AUTH_SECRET',
    'AUTH_URL',
    'AUTH_OIDC_ISSUER',
    'AUTH_OIDC_ID',
    'AUTH_OIDC_SECRET',
    'UPSTREAM_URL',
  ]) {
    expect(() => readEnv({})).toThrow(new RegExp(`^  ${name} is missing: set it to`, 'm'));
  }
});

describe('S12 an invalid value is refused with the variable’s name and what to do', () => {
  test.each([
    ['AUTH_SECRET', 'too-short', 'use 32 characters or more'],
    ['AUTH_SECRET_1', 'too-short', 'use 32 characters or more'],
    ['AUTH_SECRET', '', 'is missing'],
    ['AUTH_URL', 'http://app.example.com', 'use https'],
    ['AUTH_URL', 'https://app.example.com/base', 'has a path, and the build has none: leave the path out'],
    ['AUTH_URL', 'https://app.example.com/ba~se', 'has a path with characters other than'],
    ['AUTH_URL', 'app.example.com', 'not an http(s) URL'],
    ['AUTH_OIDC_ISSUER', 'http://id.example.com', 'use https, or name its host in HTTP_HOSTS'],
    ['AUTH_OIDC_ISSUER', 'ldap://id', 'not an http(s) URL'],
    ['UPSTREAM_URL', 'http://10.0.0.1/api', 'use https, or name its host in HTTP_HOSTS'],
    ['HTTP_HOSTS', 'http://api', 'host names with commas between them, without scheme'],
    ['HTTP_HOSTS', 'api:8080', 'without scheme, port'],
    ['HTTP_HOSTS', 'api/v1', 'without scheme, port, path'],
    ['HTTP_HOSTS', '*.internal', 'without scheme, port, path and `*`'],
    ['HTTP_HOSTS', 'user@api', 'must be host names'],
    ['HTTP_HOSTS', '0x7f.1', 'must be host names'],
    ['UPSTREAM_URL', 'https://user:password@api.example.com', 'without credentials'],
    ['AUTH_OIDC_SCOPE', 'profile', 'must contain `openid`'],
    ['AUTH_OIDC_END_SESSION', 'maybe', 'must be `true` or `false`'],
    ['AUTH_OIDC_CLIENT_AUTH', 'basic', 'must be `client_secret_basic`, `client_secret_post` or `none`'],
    ['AUTH_OIDC_DISCOVERY_URL', 'id.example.com', 'is no address of a metadata document'],
    ['AUTH_OIDC_DISCOVERY_URL', 'http://id.example.com/x', 'name its host in HTTP_HOSTS'],
    ['AUTH_OIDC_BACKCHANNEL_ORIGIN', 'https://keycloak/auth', 'must be an origin without a path'],
    ['AUTH_OIDC_BACKCHANNEL_ORIGIN', 'http://keycloak:8080', 'name its host in HTTP_HOSTS'],
    ['AUTH_OIDC_PARAMS', '?audience=x', 'without `?` and `#`'],
    ['AUTH_OIDC_PARAMS', 'audience=x&audience=y', 'must name each parameter, and once'],
    ['AUTH_OIDC_PARAMS', '=x', 'must name each parameter'],
    ['AUTH_OIDC_PARAMS', 'scope=openid', 'which is AUTH_OIDC_SCOPE'],
    ['AUTH_OIDC_PARAMS', 'state=x', 'which the sign-in sets by itself'],
    ['AUTH_OIDC_PARAMS', `x=${'y'.repeat(999)}`, 'longer than 1,000 characters'],
    ['AUTH_OIDC_LOGOUT_PARAMS', 'logout_uri={returnTo}', 'none of {client_id}, {return_to} and {id_token}'],
    ['AUTH_OIDC_LOGOUT_PARAMS', '/{client_id}?x=y', 'may begin with a path'],
    ['AUTH_OIDC_LOGOUT_PARAMS', '//evil.example?x=y', 'may begin with a path'],
    ['AUTH_OIDC_LOGOUT_PARAMS', 'javascript:alert(1)', 'may begin with a path'],
    ['AUTH_OIDC_LOGOUT_PARAMS', 'https://id@evil.example/', 'may begin with a path'],
    ['AUTH_OIDC_LOGOUT_PARAMS', 'http://id.example.com/out?x=y', 'name its host in HTTP_HOSTS'],
    ['AUTH_OIDC_LOGOUT_PARAMS', '/out?x=y#z', 'must have no fragment'],
    ['AUTH_OIDC_LOGOUT_PARAMS', `x=${'y'.repeat(999)}`, 'longer than 1,000 characters'],
    ['SESSION_STORE_URL', 'mongodb://x', 'unknown scheme: use file:./path/to/sessions.db, redis://'],
    [
      'SESSION_STORE_URL',
      'redis+sentinel://one:26379,two:26379/mymaster',
      'Sentinel, which is not supported',
    ],
    ['SESSION_STORE_URL', 'rediss-sentinel://one:26379/mymaster', 'leads to the master, or a cluster'],
    ['SESSION_STORE_URL', 'redis://', 'is no address of a Redis'],
    ['SESSION_STORE_URL', 'redis://cache:port', 'is no address of a Redis'],
    ['SESSION_STORE_URL', 'redis://cache/?cluster=yes', '?cluster=true'],
    ['SESSION_STORE_URL', 'rediss://one,two/1', 'no database'],
    ['SESSION_IDLE_SECONDS', '0', 'at least 1 seconds'],
    ['SESSION_ABSOLUTE_SECONDS', 'soon', 'whole number of seconds'],
    ['SESSIONS_PER_USER', '0', 'at least 1 sessions'],
    ['SESSIONS_PER_USER', '1001', 'at most 1000 sessions'],
    ['SESSIONS_PER_USER', '2.5', 'whole number of sessions'],
    ['UPSTREAM_TIMEOUT_MS', '1.5', 'whole number of milliseconds'],
    ['UPSTREAM_TIMEOUT_MS', '2147483648', 'at most 2147483647 milliseconds'],
    ['TRUST_PROXY_HOPS', '-1', 'at least 0'],
    ['INSTANCES', 'some', 'must be `one` or `many`'],
    ['LOG_LEVEL', 'loud', 'must be one of'],
  ])('%s=%s', (name, value, mend) => {
    expect(reading({ [name]: value })).toThrow(InvalidConfiguration);
    expect(reading({ [name]: value })).toThrow(name);
    expect(reading({ [name]: value })).toThrow(mend);
  });

  test('a file store with INSTANCES=many', () => {
    expect(reading({ INSTANCES: 'many' })).toThrow(
      'SESSION_STORE_URL is a file, which INSTANCES=many cannot share',
    );
  });
});

describe('S15 http reaches loopback and the hosts that HTTP_HOSTS names, nothing else', () => {
  const HTTP_HOSTS = ' api, Keycloak.internal,10.0.0.7 ,[fd00::7],my_api';

  test.each(['UPSTREAM_URL', 'AUTH_OIDC_ISSUER'])('%s', (name) => {
    for (const host of ['localhost', '127.0.0.1', '127.8.0.1:4000', '[::1]'])
      expect(reading({ [name]: `http://${host}` })).not.toThrow();
    for (const host of ['api', 'API:8080', 'keycloak.internal', '10.0.0.7', '[fd00::7]:4000', 'my_api']) {
      expect(reading({ [name]: `http://${host}/realms/x`, HTTP_HOSTS })).not.toThrow();
      expect(reading({ [name]: `http://${host}` })).toThrow(`${name} uses http beyond this machine`);
    }
    for (const host of ['api.evil.example', 'x.keycloak.internal', 'keycloak.internal.', '10.0.0.70', 'evil'])
      expect(reading({ [name]: `http://${host}`, HTTP_HOSTS })).toThrow(`${name} uses http beyond`);
    for (const address of ['http://api@evil.example', 'ftp://api', 'https://api?x=http://api'])
      expect(reading({ [name]: address, HTTP_HOSTS })).toThrow(name);
  });

  test('not the application’s own address, which browsers use', () => {
    expect(reading({ AUTH_URL: 'http://api', HTTP_HOSTS })).toThrow('AUTH_URL uses http beyond this machine');
  });

  test('both addresses are named at once', () => {
    const both = reading({ UPSTREAM_URL: 'http://api', AUTH_OIDC_ISSUER: 'http://id' });
    expect(both).toThrow(/^ {2}UPSTREAM_URL uses.*\n {2}AUTH_OIDC_ISSUER uses/m);
  });
});

describe('T17 an API with its own login', () => {
  const withoutProvider = { AUTH_OIDC_ISSUER: '', AUTH_OIDC_ID: '', AUTH_OIDC_SECRET: '' };
  const ownLogin = { UPSTREAM_LOGIN_PATH: '/login', UPSTREAM_REFRESH_PATH: '/v1.2/refresh/' };

  test('needs no identity provider', () => {
    expect(reading({ ...withoutProvider, ...ownLogin })()).toMatchObject({ oidc: null, ...ownLogin });
  });

  test('may have an identity provider too', () => {
    expect(reading(ownLogin)()).toMatchObject({ oidc: { AUTH_OIDC_ID: 'test-client' }, ...ownLogin });
  });

  test('S12 without any way to sign in the provider’s variables are named as missing', () => {
    expect(reading(withoutProvider)).toThrow('AUTH_OIDC_ISSUER is missing: set it to');
  });

  test.each(Object.keys(withoutProvider))('S12 an incomplete provider is refused: only %s', (name) => {
    const half = { ...withoutProvider, [name]: completeEnvironment()[name] };
    for (const missing of Object.keys(withoutProvider).filter((other) => other !== name))
      expect(reading({ ...half, ...ownLogin })).toThrow(`${missing} is missing: set it to`);
  });

  test.each([
    'login',
    '//evil.example/login',
    'https://evil.example',
    '/../login',
    '/a/./b',
    '/a//b',
    '/..',
    '/login?x=1',
    '/',
  ])('S12 UPSTREAM_LOGIN_PATH=%s is no path below the API', (path) => {
    expect(reading({ UPSTREAM_LOGIN_PATH: path })).toThrow(
      'UPSTREAM_LOGIN_PATH must be a path below UPSTREAM_URL that starts with one slash, e.g. /login',
    );
  });

  test.each(['UPSTREAM_REFRESH_PATH', 'UPSTREAM_LOGOUT_PATH'])('S12 %s alone is of no use', (name) => {
    expect(reading({ [name]: '/x' })).toThrow(`${name} is of no use without UPSTREAM_LOGIN_PATH`);
  });

  test('S12 AUTH_OIDC_ISSUER and UPSTREAM_URL must differ when both ways to sign in are configured', () => {
    const same = { AUTH_OIDC_ISSUER: 'https://api.example.com', UPSTREAM_URL: 'https://api.example.com/' };
    expect(reading(same)).not.toThrow();
    expect(reading({ ...same, ...ownLogin })).toThrow('UPSTREAM_LOGIN_PATH cannot be used while');
  });
});

test('a Redis store is accepted with INSTANCES=one and INSTANCES=many', () => {
  for (const SESSION_STORE_URL of ['redis://localhost', 'rediss://app:secret@cache.example.com:6380/2']) {
    for (const INSTANCES of ['one', 'many']) expect(reading({ SESSION_STORE_URL, INSTANCES })).not.toThrow();
  }
});

test('a message never repeats a value', () => {
  expect(reading({ SESSION_STORE_URL: 'redis://:hunter2@cache:port' })).not.toThrow('hunter2');
  expect(reading({ AUTH_SECRET: 'my-short-secret' })).not.toThrow('my-short-secret');
  expect(reading({ UPSTREAM_URL: 'https://u:hunter2@api.example.com' })).not.toThrow('hunter2');
});

test('http is accepted for every spelling of loopback', () => {
  for (const host of ['localhost', '127.0.0.1', '[::1]']) {
    expect(reading({ AUTH_OIDC_ISSUER: `http://${host}:4000` })).not.toThrow();
  }
});

test('secrets are read newest first, in Auth.js’s order', () => {
  const secrets = { AUTH_SECRET_1: 'b'.repeat(32), AUTH_SECRET_3: 'd'.repeat(32) };
  expect(secretsOf(reading(secrets)())).toEqual([
    'd'.repeat(32),
    'b'.repeat(32),
    completeEnvironment()['AUTH_SECRET'],
  ]);
});

test('T20 a public client has no secret, and every other client has one', () => {
  const complete = completeEnvironment();
  const publicClient = { ...complete, AUTH_OIDC_CLIENT_AUTH: 'none' };
  expect(readEnv({ ...publicClient, AUTH_OIDC_SECRET: '' }).oidc?.AUTH_OIDC_SECRET).toBeNull();
  expect(() => readEnv(publicClient)).toThrow(
    'AUTH_OIDC_SECRET is of no use with AUTH_OIDC_CLIENT_AUTH=none',
  );
  expect(() => readEnv({ ...complete, AUTH_OIDC_SECRET: '' })).toThrow('AUTH_OIDC_CLIENT_AUTH to `none`');
});
