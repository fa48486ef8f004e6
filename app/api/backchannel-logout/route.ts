import { answerBackchannelLogout } from '../../../packages/next-trpc-bff/src/auth/sign-out/backchannel-logout';

export { answerBackchannelLogout as POST };
