import Link from 'next/link';
import type { ReactNode } from 'react';

export default function DemoLayout({ children }: { children: ReactNode }) {
  return (
    <>
      <nav aria-label="Demo">
        <ul>
          <li>
            <Link href="/notes">Notes</Link>
          </li>
          <li>
            <Link href="/notes/new">New note</Link>
          </li>
          <li>
            <Link href="/overview">Overview</Link>
          </li>
          <li>
            <Link href="/board">Board</Link>
          </li>
        </ul>
      </nav>
      {children}
    </>
  );
}
