import { answerBackchannelLogout } from '@/server/backchannel-logout';

export { answerBackchannelLogout as POST };
