/** Longest file name, characters: file systems take 255 bytes. */
const MAX_LENGTH = 120;

const FALLBACK = 'download';

/**
 * Makes a name from an untrusted source safe to save a file under: no folders, no invisible characters, no
 * right-to-left text that hides the extension, no characters that a file system refuses.
 *
 * @param name - From the upstream or a user
 * @returns At most 120 characters, the extension kept; `download` when nothing is left
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
