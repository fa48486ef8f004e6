/** Answers for the fonts of a default app, by the address that Next asks; see `next/font`'s own tests. */
const font = (family) =>
  `@font-face { font-family: '${family}'; font-style: normal; font-weight: 100 900; src: local('${family}'); }`;

module.exports = {
  'https://fonts.googleapis.com/css2?family=Geist:wght@100..900&display=swap': font('Geist'),
  'https://fonts.googleapis.com/css2?family=Geist+Mono:wght@100..900&display=swap': font('Geist Mono'),
};
