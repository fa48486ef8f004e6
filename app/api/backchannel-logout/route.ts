import { backchannelLogout } from 'next-trpc-bff/handlers';

export const { POST } = backchannelLogout;
