// The grammar of label selectors, with the original's texts for what does not fit it.

import { type Token, tokenize } from "./label-selector-tokens.ts";
import type { Operator, Requirement } from "./requirement.ts";
import { labelKeyProblem, requirementProblem } from "./requirement-problem.ts";

/** What went wrong, as text for people. */
type Problem = string;

const BINARY = "in, notin, =, ==, !=, gt, lt";
const OPERATORS: Readonly<Partial<Record<Token["kind"], Operator>>> = {
  in: "in",
  notin: "notin",
  "=": "=",
  "==": "==",
  "!=": "!=",
  ">": "gt",
  "<": "lt",
};

/** Reads a label selector: its requirements in order of their keys, or the problem. */
export function parseRequirements(text: string): Requirement[] | Problem {
  const requirements = new Parser(tokenize(text)).parse();
  if (typeof requirements === "string") return requirements;
  return requirements.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): Requirement[] | Problem {
    const requirements: Requirement[] = [];
    for (;;) {
      const token = this.#next();
      if (token.kind === "end") return requirements;
      if (!isWord(token) && token.kind !== "!")
        return `found '${token.text}', expected: !, identifier, or 'end of string'`;
      const requirement = this.#requirement();
      if (typeof requirement === "string") return `unable to parse requirement: ${requirement}`;
      requirements.push(requirement);
      const after = this.#take();
      if (after.kind === "end") return requirements;
      if (after.kind !== ",") return `found '${after.text}', expected: ',' or 'end of string'`;
      const following = this.#next();
      if (!isWord(following) && following.kind !== "!")
        return `found '${following.text}', expected: identifier after ','`;
    }
  }

  /** The end stays the next token for ever. */
  #next(): Token {
    return this.#tokens[Math.min(this.#at, this.#tokens.length - 1)] as Token;
  }

  #take(): Token {
    const token = this.#next();
    this.#at++;
    return token;
  }

  #requirement(): Requirement | Problem {
    let token = this.#take();
    const negated = token.kind === "!";
    if (negated) token = this.#take();
    if (!isWord(token)) return `found '${token.text}', expected: identifier`;
    const key = token.text;
    const wrong = labelKeyProblem(key);
    if (wrong !== undefined) return `<nil>: Invalid value: ${JSON.stringify(key)}: ${wrong}`;
    const following = this.#next().kind;
    if (negated) return { key, operator: "!", values: [] };
    if (following === "end" || following === ",") return { key, operator: "exists", values: [] };
    return this.#condition(key);
  }

  #condition(key: string): Requirement | Problem {
    const token = this.#take();
    const operator = OPERATORS[token.kind];
    if (operator === undefined) return `found '${token.text}', expected: ${BINARY}`;
    const values = operator === "in" || operator === "notin" ? this.#values() : this.#exactValue();
    if (typeof values === "string") return values;
    const requirement: Requirement = { key, operator, values };
    return requirementProblem(requirement) ?? requirement;
  }

  #exactValue(): string[] | Problem {
    const token = this.#next();
    if (token.kind === "end" || token.kind === ",") return [""];
    this.#at++;
    return isWord(token) ? [token.text] : `found '${token.text}', expected: identifier`;
  }

  #values(): string[] | Problem {
    const open = this.#take();
    if (open.kind !== "(") return `found '${open.text}' expected: '('`;
    const first = this.#next();
    if (first.kind === ")") {
      this.#at++;
      return [""];
    }
    if (!isWord(first) && first.kind !== ",") return `found '${first.text}', expected: ',', ')' or identifier`;
    const values = this.#list();
    if (typeof values === "string") return values;
    return this.#take().kind === ")" ? values : `found '${first.text}', expected: ')'`;
  }

  /** `a,,b` has an empty value between its commas. The values are a set, in order. */
  #list(): string[] | Problem {
    const values = new Set<string>();
    for (;;) {
      const token = this.#take();
      if (isWord(token)) {
        values.add(token.text);
        const after = this.#next();
        if (after.kind === ")") break;
        if (after.kind !== ",") return `found '${after.text}', expected: ',' or ')'`;
      } else if (token.kind === ",") {
        if (values.size === 0) values.add("");
        const after = this.#next().kind;
        if (after === ")") {
          values.add("");
          break;
        }
        if (after === ",") {
          this.#at++;
          values.add("");
        }
      } else {
        return `found '${token.text}', expected: ',', or identifier`;
      }
    }
    return [...values].sort();
  }
}

/** Where a key or value stands, `in` and `notin` are words like others. */
function isWord({ kind }: Token): boolean {
  return kind === "word" || kind === "in" || kind === "notin";
}
