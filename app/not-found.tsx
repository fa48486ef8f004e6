import { withBasePath } from 'next-trpc-bff/shared';

export default function NotFound() {
  return (
    <>
      <h1>Not found</h1>
      <p>There is nothing at this address.</p>
      <p>
        <a href={withBasePath('/')}>To the start page</a>
      </p>
    </>
  );
}
