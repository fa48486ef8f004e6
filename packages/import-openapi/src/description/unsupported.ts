/** Why an operation is left out; the message continues "GET /notes is left out: ". */
export class Unsupported extends Error {
  override readonly name = 'Unsupported';
}
