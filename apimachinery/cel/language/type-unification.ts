// Whether a value of one type may stand where another is declared, binding type parameters on the way.

import { type CelType, DYN, sameType } from "./cel-types.ts";

/** What type parameters stand for, by name. */
export type Bindings = Map<string, CelType>;

/** Binds parameters so that `given` fits `declared`; undefined, with `bindings` as they were, if it cannot. */
export function unify(bindings: Bindings, declared: CelType, given: CelType): Bindings | undefined {
  const attempt = new Map(bindings);
  return fits(attempt, declared, given) ? attempt : undefined;
}

/** As {@link unify}, for argument lists. */
export function unifyAll(
  bindings: Bindings,
  declared: readonly CelType[],
  given: readonly CelType[],
): Bindings | undefined {
  if (declared.length !== given.length) return undefined;
  const attempt = new Map(bindings);
  return declared.every((type, i) => fits(attempt, type, given[i] as CelType)) ? attempt : undefined;
}

function fits(bindings: Bindings, declared: CelType, given: CelType): boolean {
  const a = resolve(bindings, declared);
  const b = resolve(bindings, given);
  if (a === b || isWild(a) || isWild(b)) return true;
  if (b.kind === "parameter") return bind(bindings, b, a);
  if (a.kind === "parameter") return bind(bindings, a, b);
  if (b.kind === "null") return acceptsNull(a);
  if (a.kind === "null") return acceptsNull(b);
  if (a.kind !== b.kind || a.params.length !== b.params.length) return false;
  if (a.kind === "type") return true;
  if (a.name !== b.name || a.fields !== b.fields) return false;
  return a.params.every((param, i) => fits(bindings, param, b.params[i] as CelType));
}

function isWild(type: CelType): boolean {
  return type.kind === "dyn" || type.kind === "error";
}

function acceptsNull(type: CelType): boolean {
  return ["null", "object", "opaque", "timestamp", "duration"].includes(type.kind);
}

function bind(bindings: Bindings, parameter: CelType, type: CelType): boolean {
  if (type.kind === "parameter" && type.name === parameter.name) return true;
  if (mentions(bindings, type, parameter.name)) return false;
  bindings.set(parameter.name, type);
  return true;
}

function mentions(bindings: Bindings, type: CelType, name: string): boolean {
  const resolved = resolve(bindings, type);
  if (resolved.kind === "parameter") return resolved.name === name;
  return resolved.params.some((param) => mentions(bindings, param, name));
}

function resolve(bindings: Bindings, type: CelType): CelType {
  let found = type;
  while (found.kind === "parameter") {
    const next = bindings.get(found.name);
    if (next === undefined) return found;
    found = next;
  }
  return found;
}

/** The type with its parameters replaced by what they are bound to; unbound ones become dyn if `toDyn`. */
export function substitute(bindings: Bindings, type: CelType, toDyn: boolean): CelType {
  const resolved = resolve(bindings, type);
  if (resolved.kind === "parameter") return toDyn ? DYN : resolved;
  if (resolved.params.length === 0) return resolved;
  const params = resolved.params.map((param) => substitute(bindings, param, toDyn));
  return params.every((param, i) => param === resolved.params[i]) ? resolved : { ...resolved, params };
}

/** The type with fresh parameters, so that each use of a generic function binds its own. */
export function instantiate(type: CelType, suffix: number): CelType {
  if (type.kind === "parameter") return { ...type, name: `${type.name}#${suffix}` };
  return type.params.length === 0 ? type : { ...type, params: type.params.map((p) => instantiate(p, suffix)) };
}

/** What a literal of several element types holds: the more general type, dyn if they do not agree. */
export function joinTypes(bindings: Bindings, a: CelType | undefined, b: CelType): [CelType, Bindings] {
  if (a === undefined || sameType(a, b)) return [b, bindings];
  const joined = unify(bindings, a, b);
  if (joined === undefined) return [DYN, bindings];
  return [isMoreGeneral(a, b) ? a : b, joined];
}

function isMoreGeneral(a: CelType, b: CelType): boolean {
  if (a.kind === "dyn" || a.kind === "parameter") return true;
  if (a.kind !== b.kind) return b.kind === "null";
  return a.params.every((param, i) => isMoreGeneral(param, b.params[i] ?? DYN));
}
