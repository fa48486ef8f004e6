/** Why an operation is left out; reads on from "It is left out:". */
export class Unsupported extends Error {
  override readonly name = 'Inexpressible';
}
