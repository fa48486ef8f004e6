/** Longest file name that is handed on, characters: file systems take 255 bytes. */
const MAX_LENGTH = 120;

const FALLBACK = 'download';

/**
 * Returns a name under which a browser can save a file, whoever chose it: no folders, nothing invisible, no text
 * that runs backwards to hide its ending, no characters that a file system refuses.
 *
 * @param name - From the upstream or a user
 * @returns At most 120 characters, the ending kept; `download` when nothing is left
 * @see https://www.rfc-editor.org/rfc/rfc6266#section-4.3
 */
export function safeFileName(name: string): string {
  const own = name
    .toWellFormed()
    .replace(/^.*[/\\]/s, '')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\uFFFD]/gu, '')
    .replace(/[<>:"|?*]/g, '_')
    .replace(/^[.\s]+|[.\s]+$/g, '');
  const [ending = ''] = /\.[^.]{1,16}$/u.exec(own) ?? [];
  const stem = own.slice(0, own.length - ending.length);
  return (
    (stem.slice(0, MAX_LENGTH - ending.length).toWellFormed() + ending).replace(/\uFFFD/g, '') || FALLBACK
  );
}
