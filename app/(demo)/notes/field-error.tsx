/** What is wrong with a field, read out when it changes; the field points here by `aria-describedby`. */
export function FieldError({ id, messages }: { id: string; messages: readonly string[] | undefined }) {
  return (
    <p className="field-error" id={id} role="status">
      {messages?.join(' ')}
    </p>
  );
}
