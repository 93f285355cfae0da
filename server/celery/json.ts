/** JSON as Python writes it. Pure. */

const utf8 = new TextDecoder();
/** A text, also one that does not end (so that no text takes more than one pass), or what Python writes and JSON does not know. */
const TEXT_OR_NO_JSON = /"[^"\\]*(?:\\[\s\S]?[^"\\]*)*(?:"|$)|-?Infinity|NaN/g;

/**
 * The value; Python's `NaN`, `Infinity` and `-Infinity` become the texts of these names, as no JSON could say them on.
 * Bytes are UTF-8. @throws SyntaxError when it is no JSON
 */
export function parsePython(json: string | Uint8Array): unknown {
  const text = typeof json === 'string' ? json : utf8.decode(json);
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw asSyntaxError(error);
  }
  try {
    return JSON.parse(text.replace(TEXT_OR_NO_JSON, (found) => (found.startsWith('"') ? found : `"${found}"`)));
  } catch (error) {
    throw asSyntaxError(error);
  }
}

/** A text that nests too deeply ends in another error. */
function asSyntaxError(error: unknown): SyntaxError {
  return error instanceof SyntaxError ? error : new SyntaxError('not JSON', { cause: error });
}
