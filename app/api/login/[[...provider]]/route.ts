import { handlers } from '@/auth';

export const { POST } = handlers;
