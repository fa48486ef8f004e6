import { answerOf } from './answer';
import type { Document } from './description/document';
import { accessTo, type Operation, serverOf } from './description/operations';
import { type Endpoint, endpointCode, shapesOf } from './endpoint';
import { Unsupported } from './inexpressible';
import { planRequest } from './request/plan-request';
import type { Shapes } from './schema/build';
import { reachable } from './schema/fingerprint';
import { createPrinter } from './schema/print';
import { type Component, componentsIn } from './schema/shape';

const METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** What became of an operation. */
export type Assessed =
  | { readonly endpoint: Endpoint; readonly notes: readonly string[] }
  | { readonly reason: string };

/**
 * Decides whether and how an operation can be expressed, down to the last schema that it names.
 *
 * @param server - The address of the server that `UPSTREAM_URL` stands for
 */
export function createAssessment(document: Document, shapes: Shapes, server: string | null) {
  const known = new Map<Component, string | null>();
  const printer = createPrinter({ constantOf: () => '_', typeOf: () => null });

  function assertPrintable(component: Component): void {
    if (!known.has(component)) {
      known.set(component, null);
      try {
        printer.schema(component.shape);
      } catch (error) {
        known.set(component, reasonOf(error));
      }
    }
    const reason = known.get(component);
    if (reason) throw new Unsupported(reason);
  }

  return (operation: Operation): Assessed => {
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
      answer: answerOf(document, shapes, operation, notes),
    };
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Unsupported) return error.message;
  // The stack ran over.
  if (error instanceof RangeError) return 'its schemas lead back to themselves';
  return `reading it failed: ${error instanceof Error ? error.message : String(error)}`;
}
