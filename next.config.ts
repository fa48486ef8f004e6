import { withBff } from 'next-trpc-bff/config';

export default withBff({});
