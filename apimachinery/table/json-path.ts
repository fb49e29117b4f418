// The JSONPath of printer columns (https://kubernetes.io/docs/reference/kubectl/jsonpath/), as far as a column may use it:
// fields, quoted fields, indices, slices, wildcards, filters by comparison, recursive descent.

type Step =
  | { readonly kind: "field"; readonly name: string }
  | {
      readonly kind: "slice";
      readonly from: number | undefined;
      readonly to: number | undefined;
      readonly index: boolean;
    }
  | { readonly kind: "all" }
  | { readonly kind: "descend"; readonly name: string }
  | { readonly kind: "filter"; readonly path: JsonPath; readonly operator: string; readonly literal: unknown };

/** A compiled path. */
export interface JsonPath {
  /** Every value it finds, in document order; a path into nothing finds none. */
  find(value: unknown): unknown[];
}

/** Values one evaluation may gather: `..` over a large object must not run away. */
const MAX_VALUES = 10_000;

/** Compiles a path; undefined when it is malformed. */
export function compileJsonPath(source: string): JsonPath | undefined {
  const text = source.startsWith("$") ? source.slice(1) : source;
  const parser = { text, at: 0 };
  const steps: Step[] = [];
  while (parser.at < text.length) {
    const step = readStep(parser);
    if (step === undefined) return undefined;
    steps.push(step);
  }
  return {
    find(value) {
      let values: unknown[] = [value];
      for (const step of steps) {
        const next: unknown[] = [];
        for (const v of values) {
          apply(step, v, next);
          if (next.length > MAX_VALUES) return [];
        }
        values = next;
      }
      return values;
    },
  };
}

interface Parser {
  readonly text: string;
  at: number;
}

function readStep(parser: Parser): Step | undefined {
  const { text } = parser;
  if (text.startsWith("..", parser.at)) {
    parser.at += 2;
    const name = readName(parser);
    return name === "" ? undefined : { kind: "descend", name };
  }
  if (text[parser.at] === ".") {
    parser.at++;
    if (text[parser.at] === "*") {
      parser.at++;
      return { kind: "all" };
    }
    if (text[parser.at] === "[") return readBracket(parser);
    const name = readName(parser);
    return name === "" ? undefined : { kind: "field", name };
  }
  if (text[parser.at] === "[") return readBracket(parser);
  const name = readName(parser);
  return name === "" ? undefined : { kind: "field", name };
}

/** A field name; a backslash takes the next character as it is. */
function readName(parser: Parser): string {
  let name = "";
  while (parser.at < parser.text.length) {
    const c = parser.text[parser.at] as string;
    if (c === "." || c === "[") break;
    if (c === "\\" && parser.at + 1 < parser.text.length) parser.at++;
    name += parser.text[parser.at++];
  }
  return name;
}

function readBracket(parser: Parser): Step | undefined {
  const end = closingBracket(parser.text, parser.at);
  if (end < 0) return undefined;
  const inside = parser.text.slice(parser.at + 1, end).trim();
  parser.at = end + 1;
  if (inside === "*") return { kind: "all" };
  const quoted = /^(['"])(.*)\1$/.exec(inside);
  if (quoted) return { kind: "field", name: (quoted[2] as string).replace(/\\(.)/g, "$1") };
  const filter = /^\?\((.*)\)$/.exec(inside);
  if (filter) return readFilter(filter[1] as string);
  const slice = /^(-?\d+)?(?:(:)(-?\d+)?)?$/.exec(inside);
  if (!slice || inside === "") return undefined;
  const from = slice[1] === undefined ? undefined : Number(slice[1]);
  return {
    kind: "slice",
    from,
    to: slice[3] === undefined ? undefined : Number(slice[3]),
    index: slice[2] === undefined,
  };
}

function closingBracket(text: string, open: number): number {
  let quote = "";
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    const c = text[i] as string;
    if (quote !== "") {
      if (c === "\\") i++;
      else if (c === quote) quote = "";
    } else if (c === "'" || c === '"') quote = c;
    else if (c === "[") depth++;
    else if (c === "]" && --depth === 0) return i;
  }
  return -1;
}

function readFilter(text: string): Step | undefined {
  const match = /^\s*@([^=!<>]*?)\s*(==|!=|<=|>=|<|>)\s*(.+?)\s*$/.exec(text);
  const path = compileJsonPath(match === null ? text.trim().replace(/^@/, "") : (match[1] as string));
  if (path === undefined) return undefined;
  if (match === null) return { kind: "filter", path, operator: "exists", literal: undefined };
  const literal = match[3] as string;
  const quoted = /^(['"])(.*)\1$/.exec(literal);
  return { kind: "filter", path, operator: match[2] as string, literal: quoted ? quoted[2] : readLiteral(literal) };
}

function readLiteral(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  return Number.isNaN(Number(text)) ? text : Number(text);
}

function apply(step: Step, value: unknown, out: unknown[]): void {
  if (value === null || typeof value !== "object") return;
  switch (step.kind) {
    case "field":
      if (Object.hasOwn(value, step.name)) out.push((value as Record<string, unknown>)[step.name]);
      return;
    case "all":
      out.push(...(Array.isArray(value) ? value : Object.values(value)).slice(0, MAX_VALUES));
      return;
    case "slice":
      if (Array.isArray(value)) applySlice(step, value, out);
      return;
    case "filter":
      if (Array.isArray(value)) for (const item of value) if (passes(step, item)) out.push(item);
      return;
    case "descend":
      descend(step.name, value, out, 0);
  }
}

function applySlice(step: Step & { kind: "slice" }, value: readonly unknown[], out: unknown[]): void {
  const at = (n: number) => (n < 0 ? n + value.length : n);
  if (step.index) {
    const i = at(step.from ?? 0);
    if (i >= 0 && i < value.length) out.push(value[i]);
    return;
  }
  out.push(
    ...value.slice(Math.max(0, at(step.from ?? 0)), step.to === undefined ? undefined : Math.max(0, at(step.to))),
  );
}

function passes(step: Step & { kind: "filter" }, item: unknown): boolean {
  const [left] = step.path.find(item);
  if (step.operator === "exists") return left !== undefined;
  if (left === undefined) return false;
  const right = step.literal;
  switch (step.operator) {
    case "==":
      return left === right;
    case "!=":
      return left !== right;
    default:
      return ordered(left, right, step.operator);
  }
}

function ordered(left: unknown, right: unknown, operator: string): boolean {
  if (typeof left !== typeof right || (typeof left !== "number" && typeof left !== "string")) return false;
  const [a, b] = [left, right as typeof left];
  if (operator === "<") return a < b;
  if (operator === ">") return a > b;
  return operator === "<=" ? a <= b : a >= b;
}

function descend(name: string, value: unknown, out: unknown[], depth: number): void {
  if (value === null || typeof value !== "object" || depth > 100 || out.length > MAX_VALUES) return;
  if (!Array.isArray(value) && Object.hasOwn(value, name)) out.push((value as Record<string, unknown>)[name]);
  for (const item of Object.values(value)) descend(name, item, out, depth + 1);
}
