import type { Document } from '../description/document.js';
import { accessTo, type Operation } from '../description/operations.js';
import { serverOf } from '../description/servers.js';
import { Unsupported } from '../description/unsupported.js';
import { planRequest } from '../request/plan-request.js';
import type { Component } from '../schema/shape.js';
import type { Shapes } from '../schema/shapes.js';
import { componentsIn, reachable } from '../schema/traversal.js';
import { createPrinter } from '../zod/printer.js';
import { type Endpoint, endpointCode, shapesOf } from './endpoint.js';
import { responseOf } from './response.js';

const METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** What becomes of an operation: an endpoint, or the reason why it is left out. */
export type Evaluated =
  | { readonly endpoint: Endpoint; readonly notes: readonly string[] }
  | { readonly reason: string };

/**
 * Decides which operations become endpoints, down to the last schema that one names.
 *
 * @param server - The address of the server for which `UPSTREAM_URL` stands
 * @returns A function that evaluates an operation; it never throws
 */
export function createEvaluator(document: Document, shapes: Shapes, server: string | null) {
  const failures = new Map<Component, string | null>();
  const printer = createPrinter({ constantOf: () => '_', typeOf: () => null });

  function assertPrintable(component: Component): void {
    if (!failures.has(component)) {
      failures.set(component, null);
      try {
        printer.schema(component.shape);
      } catch (error) {
        failures.set(component, reasonOf(error));
      }
    }
    const reason = failures.get(component);
    if (reason) throw new Unsupported(reason);
  }

  return (operation: Operation): Evaluated => {
    try {
      const notes = new Set<string>();
      const endpoint = read(operation, notes);
      const components = new Set(
        shapesOf(endpoint)
          .flatMap(componentsIn)
          .flatMap((one) => reachable(one)),
      );
      components.forEach(assertPrintable);
      endpointCode(endpoint, printer);
      const all = [...notes, ...[...components].flatMap((component) => [...component.notes])];
      return { endpoint, notes: [...new Set(all)] };
    } catch (error) {
      return { reason: reasonOf(error) };
    }
  };

  function read(operation: Operation, notes: Set<string>): Endpoint {
    if (!METHODS.includes(operation.method)) throw new Unsupported(`${operation.method} is not called`);
    const own = serverOf(document, operation);
    if (own !== null && server !== null && own !== server)
      throw new Unsupported(`its server is ${own}, not ${server}`);
    return {
      summary: operation.summary,
      isDeprecated: operation.isDeprecated,
      access: accessTo(document, operation),
      request: planRequest(document, shapes, operation, notes),
      response: responseOf(document, shapes, operation, notes),
    };
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Unsupported) return error.message;
  // The stack overflowed.
  if (error instanceof RangeError) return 'its schemas lead back to themselves';
  return `reading it failed: ${error instanceof Error ? error.message : String(error)}`;
}
