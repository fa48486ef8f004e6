import { serveTRPC } from '@/server/handler';

export { serveTRPC as GET, serveTRPC as POST };
