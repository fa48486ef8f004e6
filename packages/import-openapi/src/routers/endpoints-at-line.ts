/** A constant or an endpoint in a router's formatted file. */
interface Part {
  readonly name: string;
  readonly isEndpoint: boolean;
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

/** What surrounds the use of a constant: a key is followed by a colon, or quoted, and is no use. */
const BEFORE = String.raw`(?<![\p{ID_Continue}$.'"])`;
const AFTER = String.raw`(?![\p{ID_Continue}$'"]|\??:)`;

/**
 * Returns the endpoints to which a line of a router's file belongs: the one around it, or those that use the constant
 * around it, or else all of the file.
 *
 * @param line - From 1
 */
export function endpointsAt(file: string, line: number): string[] {
  const parts = partsOf(file);
  const start = parts.findLast((part) => part.line <= line);
  const users = start ? usersOf(start, parts) : [];
  const endpoints = (list: readonly Part[]) =>
    list.filter(({ isEndpoint }) => isEndpoint).map(({ name }) => name);
  return endpoints(users).length > 0 ? endpoints(users) : endpoints(parts);
}

/** Returns a part and all that use it, directly or not. */
function usersOf(start: Part, parts: readonly Part[]): Part[] {
  const users = new Set([start]);
  for (const one of users) {
    if (one.isEndpoint) continue;
    const word = new RegExp(BEFORE + one.name + AFTER, 'u');
    for (const part of parts) if (part !== one && word.test(part.text)) users.add(part);
  }
  return [...users];
}

function partsOf(file: string): Part[] {
  const lines = file.split('\n');
  const starts = lines.flatMap((text, n) => {
    const endpoint = /^\s+(['"]?)([\p{ID_Continue}$]+)\1: endpoint\(/u.exec(text)?.[2];
    const constant = /^(?:const|type) ([\p{ID_Continue}$]+)/u.exec(text)?.[1];
    const name = endpoint ?? constant;
    return name === undefined ? [] : [{ name, isEndpoint: endpoint !== undefined, line: n + 1 }];
  });
  return starts.map((start, n) => ({
    ...start,
    text: lines.slice(start.line - 1, (starts[n + 1]?.line ?? lines.length + 1) - 1).join('\n'),
  }));
}
