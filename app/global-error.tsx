'use client';

import { CallFailed } from './call-failed';

export default function GlobalError() {
  return (
    <html lang="en">
      <body>
        <title>Something went wrong</title>
        <main>
          <CallFailed message="Something went wrong on our side. Try again in a moment." />
        </main>
      </body>
    </html>
  );
}
