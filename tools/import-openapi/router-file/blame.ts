/** A top-level constant, or an endpoint, in a router's formatted file. */
interface Part {
  readonly name: string;
  readonly isEndpoint: boolean;
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

/** What stands before and behind a constant that is used: a key has a colon, or quotes, and is none. */
const BEFORE = String.raw`(?<![\p{ID_Continue}$.'"])`;
const BEHIND = String.raw`(?![\p{ID_Continue}$'"]|\??:)`;

/**
 * Returns the endpoints that a line of a router's file belongs to: its own, all that use its constant, or every one
 * where nothing tells.
 *
 * @param line - From 1
 */
export function endpointsAt(file: string, line: number): string[] {
  const parts = partsOf(file);
  const start = parts.findLast((part) => part.line <= line);
  const blamed = start ? blamedFor(start, parts) : [];
  const endpoints = (list: readonly Part[]) =>
    list.filter(({ isEndpoint }) => isEndpoint).map(({ name }) => name);
  return endpoints(blamed).length > 0 ? endpoints(blamed) : endpoints(parts);
}

function blamedFor(start: Part, parts: readonly Part[]): Part[] {
  const blamed = new Set([start]);
  for (const one of blamed) {
    if (one.isEndpoint) continue;
    const word = new RegExp(BEFORE + one.name + BEHIND, 'u');
    for (const part of parts) if (part !== one && word.test(part.text)) blamed.add(part);
  }
  return [...blamed];
}

function partsOf(file: string): Part[] {
  const lines = file.split('\n');
  const starts = lines.flatMap((text, n) => {
    const endpoint = /^ {2}(['"]?)([\p{ID_Continue}$]+)\1: endpoint\(/u.exec(text)?.[2];
    const constant = /^(?:const|type) ([\p{ID_Continue}$]+)/u.exec(text)?.[1];
    const name = endpoint ?? constant;
    return name === undefined ? [] : [{ name, isEndpoint: endpoint !== undefined, line: n + 1 }];
  });
  return starts.map((start, n) => ({
    ...start,
    text: lines.slice(start.line - 1, (starts[n + 1]?.line ?? lines.length + 1) - 1).join('\n'),
  }));
}
