// Whether a value fits its type, in the words of structured-merge-diff, which the API server repeats to clients.

import { isObject } from "../../meta/own-members.ts";
import type { Json, JsonObject } from "../../meta/types.ts";
import { goPlain, goSyntax, goTypeName } from "../../patch/go-format.ts";
import { elementText } from "../sets/path-element.ts";
import { itemElement } from "./list-items.ts";
import { type ListType, MAP, MAX_LEVELS, type MapType, type MergeType, SCALAR, shapeOf } from "./merge-type.ts";

/** More problems than these are counted but not spelled out. */
const MAX_PROBLEMS = 100;

interface Walk {
  readonly problems: string[];
  /** `.name`, `[0]`, or a path element of a list, which is spelled out when there is something to report. */
  readonly path: string[];
  readonly allowDuplicates: boolean;
}

/**
 * The problems of a value, in one text: `.spec.x: field not declared in schema`; several stand on lines of their own.
 *
 * @param allowDuplicates - a stored object may hold the same key twice in a list, an applied one may not
 * @returns undefined when there is none
 */
export function typeProblem(value: Json, type: MergeType, allowDuplicates: boolean): string | undefined {
  const walk: Walk = { problems: [], path: [], allowDuplicates };
  check(value, type, walk);
  const { problems } = walk;
  if (problems.length <= 1) return problems[0];
  return ["errors:", ...problems.map((problem) => `  ${problem}`)].join("\n");
}

function report(walk: Walk, problem: string): void {
  if (walk.problems.length >= MAX_PROBLEMS) return;
  const path = walk.path.map((step) => (step.startsWith(".") || step.startsWith("[") ? step : elementText(step)));
  walk.problems.push(path.length === 0 ? problem : `${path.join("")}: ${problem}`);
}

function check(value: Json, type: MergeType, walk: Walk): void {
  if (walk.path.length > MAX_LEVELS) return;
  const shape = shapeOf(type, value);
  if (shape & MAP) checkMap(value, type.map as MapType, walk);
  else if (shape & SCALAR) checkScalar(value, type.scalar as string, walk);
  else checkList(value, type.list as ListType, walk);
}

/** A decoded value where the original prints its wrapper. */
function wrapped(value: Json): string {
  return `&{${goPlain(value)}}`;
}

function checkScalar(value: Json, scalar: string, walk: Walk): void {
  if (value === null) return;
  switch (scalar) {
    case "numeric":
      if (typeof value !== "number") report(walk, `expected numeric (int or float), got ${goTypeName(value)}`);
      return;
    case "string":
      if (typeof value !== "string") {
        report(walk, `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`);
      }
      return;
    case "boolean":
      if (typeof value !== "boolean") report(walk, `expected boolean, got ${wrapped(value)}`);
      return;
    default:
      if (typeof value === "object") report(walk, `expected any scalar, got ${wrapped(value)}`);
  }
}

function checkMap(value: Json, type: MapType, walk: Walk): void {
  if (value === null) return;
  if (!isObject(value)) {
    report(walk, `expected map, got ${wrapped(value)}`);
    return;
  }
  for (const key of Object.keys(value)) {
    const member = type.field(key) ?? type.element;
    walk.path.push(`.${key}`);
    if (member === undefined) report(walk, "field not declared in schema");
    else if (!isTrivial(value, key, member)) check(value[key] as Json, member, walk);
    walk.path.pop();
    if (member === undefined) return;
  }
}

/** The common case: a string where a string belongs. */
function isTrivial(value: JsonObject, key: string, type: MergeType): boolean {
  return type.scalar === "string" && typeof value[key] === "string";
}

function checkList(value: Json, type: ListType, walk: Walk): void {
  if (value === null) return;
  if (!Array.isArray(value)) {
    report(walk, `expected list, got ${wrapped(value)}`);
    return;
  }
  const seen = new Set<string>();
  for (let i = 0; i < value.length; i++) {
    const item = value[i] as Json;
    let step = `[${i}]`;
    if (type.relation !== "atomic") {
      const element = itemElement(type, item);
      if (typeof element !== "string") {
        report(walk, `element ${i}: ${element.problem}`);
        return;
      }
      if (seen.has(element) && !walk.allowDuplicates) report(walk, `duplicate entries for key ${elementText(element)}`);
      seen.add(element);
      step = element;
    }
    walk.path.push(step);
    check(item, type.item, walk);
    walk.path.pop();
  }
}
