import '@picocss/pico/css/pico.min.css';
import './app.css';
import type { Metadata } from 'next';
import { unstable_rethrow } from 'next/navigation';
import { connection } from 'next/server';
import { withBasePath } from 'next-trpc-bff/shared';
import type { ReactNode } from 'react';
import { TRPCProvider } from '@/trpc/client';
import { caller } from '@/trpc/server';
import { Account } from './account';

export const metadata: Metadata = { title: { default: 'next-trpc-bff', template: '%s · next-trpc-bff' } };

export default async function RootLayout({ children }: { children: ReactNode }) {
  await connection();
  const user = await currentUser();
  return (
    <html lang="en">
      <body>
        <TRPCProvider signedInAs={user?.id ?? null}>
          <a className="skip-link" href="#content">
            Skip to content
          </a>
          <header className="container">
            <nav aria-label="Main">
              <ul>
                <li>
                  <a href={withBasePath('/')}>
                    <strong>next-trpc-bff</strong>
                  </a>
                </li>
              </ul>
              <Account user={user} />
            </nav>
          </header>
          <main className="container" id="content">
            {children}
          </main>
        </TRPCProvider>
      </body>
    </html>
  );
}

/** The frame of the page renders whatever happens to the store; the page itself says what is wrong. */
async function currentUser() {
  try {
    return (await caller.raw.session.current())?.user ?? null;
  } catch (error) {
    unstable_rethrow(error);
    return null;
  }
}
