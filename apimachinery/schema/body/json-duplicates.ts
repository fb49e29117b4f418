// Finds repeated keys in JSON text that is known to be valid. Runs only for bodies that have some.

import { goQuote } from "../../meta/field-error.ts";

/** So many are reported; the rest is left out, as the original does. */
const MAX_REPORTED = 100;

interface Level {
  /** Keys seen so far; undefined in a list. */
  readonly keys: Set<string> | undefined;
  /** The key or index of the member being read. */
  at: string | number;
}

/** `duplicate field "spec.list[0].a"` for every repetition, in the order of the text, each path once. */
export function findJsonDuplicates(text: string): string[] {
  const found = new Set<string>();
  const levels: Level[] = [];
  let expectKey = false;
  for (let i = 0; i < text.length && found.size < MAX_REPORTED; i++) {
    const level = levels[levels.length - 1];
    switch (text[i]) {
      case '"': {
        const end = closingQuote(text, i);
        if (expectKey && level?.keys !== undefined) {
          level.at = JSON.parse(text.slice(i, end + 1)) as string;
          if (level.keys.has(level.at)) found.add(`duplicate field ${goQuote(pathOf(levels))}`);
          level.keys.add(level.at);
          expectKey = false;
        }
        i = end;
        break;
      }
      case "{":
        levels.push({ keys: new Set(), at: "" });
        expectKey = true;
        break;
      case "[":
        levels.push({ keys: undefined, at: 0 });
        break;
      case "}":
      case "]":
        levels.pop();
        break;
      case ",":
        if (level?.keys !== undefined) expectKey = true;
        else if (level !== undefined) level.at = (level.at as number) + 1;
        break;
      default:
    }
  }
  return [...found];
}

function closingQuote(text: string, start: number): number {
  let end = start + 1;
  while (text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
  return end;
}

function pathOf(levels: readonly Level[]): string {
  let path = "";
  for (const { at } of levels) {
    if (typeof at === "number") path += `[${at}]`;
    else path += path === "" ? at : `.${at}`;
  }
  return path;
}
