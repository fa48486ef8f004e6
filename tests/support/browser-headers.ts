/** Headers of a call that our own page makes in a browser. */
export const browserHeaders = (cookie = ''): Headers =>
  new Headers({
    'sec-fetch-site': 'same-origin',
    'content-type': 'application/json',
    ...(cookie && { cookie }),
  });
