import type { ReactNode } from 'react';

export default function OverviewLayout({
  children,
  latest,
  account,
}: Record<'children' | 'latest' | 'account', ReactNode>) {
  return (
    <>
      {children}
      <div className="columns">
        {latest}
        {account}
      </div>
    </>
  );
}
