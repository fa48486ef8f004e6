import { calling } from './guards/calling';
import { files } from './guards/files';
import { live } from './guards/live';
import { logout } from './guards/logout';
import { provider } from './guards/provider';
import { providerAnswers } from './guards/provider-answers';
import { redis } from './guards/redis';
import { refresh } from './guards/refresh';
import { running } from './guards/running';
import { session } from './guards/session';
import { signIn } from './guards/sign-in';
import { sqlite } from './guards/sqlite';
import { upstream } from './guards/upstream';

/** Every guard that is tested by taking it away. */
export const mutants = [
  ...calling,
  ...files,
  ...live,
  ...logout,
  ...provider,
  ...providerAnswers,
  ...redis,
  ...refresh,
  ...running,
  ...session,
  ...sqlite,
  ...signIn,
  ...upstream,
];
