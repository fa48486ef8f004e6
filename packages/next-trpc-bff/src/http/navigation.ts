/**
 * Tells whether a request is a person's document navigation, as opposed to a router's fetch, a prefetch, an image or a
 * frame. Other requests get no redirect and no cookie: Next's router would follow the redirect inside the same
 * document, and the next user would find the caches of the last one in it.
 *
 * @param request - Address and headers; the router's own headers rule it out, else `Sec-Fetch-Dest` decides where the
 *   browser sends it
 * @returns True for a navigation that a service worker passes on, and for a plain HTTP client too. A frame's that a
 *   service worker passes on has the same headers as a document's, to the byte: nobody can tell them apart
 * @see https://www.w3.org/TR/fetch-metadata/#sec-fetch-dest-header
 */
export function isDocumentNavigation({ url, headers }: { url: string; headers: Headers }): boolean {
  if (headers.has('sec-purpose') || headers.get('purpose') === 'prefetch') return false;
  if (headers.has('rsc') || headers.has('next-router-prefetch') || new URL(url).searchParams.has('_rsc'))
    return false;
  const destination = headers.get('sec-fetch-dest');
  // A service worker that passes a navigation on changes `document` to `empty`. Scripts cannot set that mode.
  if (destination === 'empty') return headers.get('sec-fetch-mode') === 'navigate';
  return destination === null || destination === 'document';
}
