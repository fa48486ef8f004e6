import { configureBff } from 'next-trpc-bff/server';

// How your API talks, its login and the limits, where they differ from the defaults.
configureBff({});
