import { escapeHtml } from './http';

const STYLE = `
:root { color-scheme: light dark; --ink: #1c2230; --muted: #5b6475; --paper: #f3f5f9; --card: #fff;
  --line: #8a93a5; --accent: #2f5bd7; --on-accent: #fff; --wrong: #b3261e; --wrong-paper: #fdeceb; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9f0; --muted: #a3adbf; --paper: #11151d; --card: #1a2029;
  --line: #66708a; --accent: #8fb0ff; --on-accent: #0d1526; --wrong: #ffb4ab; --wrong-paper: #3a1c1b; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem;
  background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 24rem; padding: 1.75rem; background: var(--card); border-radius: .75rem;
  box-shadow: 0 1px 2px rgb(0 0 0 / .12), 0 8px 24px rgb(0 0 0 / .08); overflow-wrap: anywhere; }
main.wide { max-width: 46rem; }
h1 { margin: 0 0 .25rem; font-size: 1.375rem; line-height: 1.25; }
p { margin: 0 0 1rem; color: var(--muted); }
label { display: block; margin: 0 0 .25rem; font-weight: 600; }
input { width: 100%; margin: 0 0 1rem; padding: .625rem .75rem; font: inherit; color: inherit;
  background: transparent; border: 1px solid var(--line); border-radius: .375rem; }
button { width: 100%; padding: .6875rem; font: inherit; font-weight: 600; cursor: pointer; border: 0;
  border-radius: .375rem; background: var(--accent); color: var(--on-accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
a { color: var(--accent); }
.wrong { padding: .625rem .75rem; border-radius: .375rem; background: var(--wrong-paper); color: var(--wrong); }
.hint { margin: 1rem 0 0; font-size: .875rem; }
pre { padding: .75rem; overflow-x: auto; border: 1px solid var(--line); border-radius: .375rem; font-size: .8125rem; }
`;

/** Lays out a page of the demo provider; the content is HTML already. */
export function page(heading: string, content: string, layout: 'card' | 'wide' = 'card'): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(heading)} · Demo identity provider</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<main class="${layout}">
<h1>${escapeHtml(heading)}</h1>
${content}
</main>
</body>
</html>`;
}

/** Headers of every page here: no scripts, no frames, nothing from elsewhere. */
export const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
};
