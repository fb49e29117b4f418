export type Operator = "=" | "==" | "!=" | "in" | "notin" | "exists" | "!" | "gt" | "lt";

/** One condition on labels. */
export interface Requirement {
  readonly key: string;
  readonly operator: Operator;
  readonly values: readonly string[];
}

/** True when labels satisfy the requirement. A missing label satisfies `!=` and `notin`, and never `gt` and `lt`. */
export function matchesRequirement(
  { key, operator, values }: Requirement,
  labels: Readonly<Record<string, string>>,
): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case "=":
    case "==":
    case "in":
      return value !== undefined && values.includes(value);
    case "!=":
    case "notin":
      return value === undefined || !values.includes(value);
    case "exists":
      return value !== undefined;
    case "!":
      return value === undefined;
    default:
      return comparesAs(operator, value, values[0]);
  }
}

function comparesAs(operator: "gt" | "lt", label: string | undefined, limit: string | undefined): boolean {
  const [left, right] = [parseInt64(label), parseInt64(limit)];
  if (left === undefined || right === undefined) return false;
  return operator === "gt" ? left > right : left < right;
}

/** A decimal number of 64 bits, as Go's strconv.ParseInt reads it; undefined for anything else. */
export function parseInt64(text: string | undefined): bigint | undefined {
  if (text === undefined || !/^[+-]?[0-9]{1,64}$/.test(text)) return undefined;
  const number = BigInt(text.startsWith("+") ? text.slice(1) : text);
  return BigInt.asIntN(64, number) === number ? number : undefined;
}
