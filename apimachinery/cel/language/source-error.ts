// Errors in the text of an expression, in the form of cel-go: the place, the line, and a caret below it.

export interface SourceError {
  /** UTF-16 units from the start of the text; undefined where the whole text is meant. */
  readonly offset: number | undefined;
  readonly message: string;
}

/** Thrown within the parser only; what leaves it is a list of {@link SourceError}. */
export class SyntaxProblem extends Error {
  readonly offset: number | undefined;
  constructor(offset: number | undefined, message: string) {
    super(message);
    this.offset = offset;
  }
}

/** `ERROR: <input>:1:6: undefined field 'x'` with source line and caret; several errors in the order of their places. */
export function showSourceErrors(source: string, errors: readonly SourceError[]): string {
  const sorted = errors.map((error, i) => ({ error, i }));
  sorted.sort((a, b) => (a.error.offset ?? -1) - (b.error.offset ?? -1) || a.i - b.i);
  return sorted.map(({ error }) => showSourceError(source, error)).join("\n");
}

function showSourceError(source: string, { offset, message }: SourceError): string {
  if (offset === undefined) return `ERROR: <input>:-1:0: ${message}`;
  const before = source.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  const line = before.split("\n").length;
  const column = [...before.slice(lineStart)].length;
  const lineEnd = source.indexOf("\n", lineStart);
  const text = source.slice(lineStart, lineEnd < 0 ? source.length : lineEnd).replaceAll("\t", " ");
  return `ERROR: <input>:${line}:${column + 1}: ${message}\n | ${text}\n | ${".".repeat(column)}^`;
}
