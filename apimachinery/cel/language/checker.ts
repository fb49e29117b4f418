// The type checker of CEL: resolves names, fields and overloads, and complains in the words of cel-go.

import {
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DYN,
  ERROR,
  firstParameter,
  INT,
  isOptional,
  listOf,
  mapOf,
  NULL,
  optionalOf,
  STRING,
  sameType,
  showType,
  typeOfType,
  typeParameter,
  UINT,
} from "./cel-types.ts";
import type { Call, Comprehension, Constant, Expr, ListExpr, MapExpr, Select } from "./expression.ts";
import { qualifiedName } from "./expression.ts";
import type { FunctionTable, Overload } from "./function-table.ts";
import type { SourceError } from "./source-error.ts";
import { type Bindings, instantiate, joinTypes, substitute, unify, unifyAll } from "./type-unification.ts";

/** What an expression may refer to. */
export interface Scope {
  readonly variables: ReadonlyMap<string, CelType>;
  readonly functions: FunctionTable;
  /** Names of types: `int`, `google.protobuf.Timestamp`. */
  readonly types: ReadonlyMap<string, CelType>;
}

/** Sets types and overloads on all nodes. @returns complaints; none if the expression is well typed. */
export function checkExpression(expr: Expr, scope: Scope): SourceError[] {
  const checker = new Checker(scope);
  checker.check(expr);
  checker.finish(expr);
  return checker.errors;
}

class Checker {
  readonly errors: SourceError[] = [];
  readonly #scope: Scope;
  readonly #locals: [string, CelType][] = [];
  readonly #visited: Expr[] = [];
  #bindings: Bindings = new Map();
  #fresh = 0;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  check(expr: Expr): CelType {
    expr.type = this.#typeOf(expr);
    this.#visited.push(expr);
    return expr.type;
  }

  /** Replaces what is still a type parameter by what it was bound to, or dyn. */
  finish(_root: Expr): void {
    for (const expr of this.#visited) expr.type = substitute(this.#bindings, expr.type, true);
  }

  #complain(offset: number, message: string): CelType {
    this.errors.push({ offset, message });
    return ERROR;
  }

  #undeclared(offset: number, name: string): CelType {
    return this.#complain(offset, `undeclared reference to '${name}' (in container '')`);
  }

  #typeOf(expr: Expr): CelType {
    switch (expr.kind) {
      case "literal":
        return typeOfConstant(expr.value);
      case "ident":
        return this.#lookup(expr.name) ?? this.#undeclared(expr.offset, expr.name);
      case "select":
        return this.#select(expr);
      case "call":
        return this.#call(expr);
      case "list":
        return this.#list(expr);
      case "map":
        return this.#map(expr);
      case "struct":
        return this.#undeclared(expr.offset, expr.name);
      case "comprehension":
        return this.#comprehension(expr);
    }
  }

  #lookup(name: string): CelType | undefined {
    for (let i = this.#locals.length - 1; i >= 0; i--) {
      const local = this.#locals[i] as [string, CelType];
      if (local[0] === name) return local[1];
    }
    const variable = this.#scope.variables.get(name);
    if (variable !== undefined) return variable;
    const type = this.#scope.types.get(name);
    return type === undefined ? undefined : typeOfType(type);
  }

  #select(expr: Select): CelType {
    const name = qualifiedName(expr);
    if (name !== undefined) {
      const type = this.#scope.types.get(name) ?? this.#scope.variables.get(name);
      if (type !== undefined) {
        expr.qualified = name;
        return this.#scope.types.has(name) ? typeOfType(type) : type;
      }
    }
    const result = this.#field(this.check(expr.operand), expr.field, expr.offset);
    return expr.testOnly ? BOOL : result;
  }

  /** The type of a field; of an optional, an optional. */
  #field(operand: CelType, field: string, offset: number): CelType {
    const type = substitute(this.#bindings, operand, false);
    if (isOptional(type)) {
      const inner = this.#field(firstParameter(type), field, offset);
      return isOptional(inner) ? inner : optionalOf(inner);
    }
    switch (type.kind) {
      case "map":
        return type.params[1] ?? DYN;
      case "object": {
        const found = type.fields?.get(field) ?? type.fields?.get(`__${field}__`);
        return found ?? this.#complain(offset, `undefined field '${field}'`);
      }
      case "dyn":
      case "error":
        return DYN;
      case "parameter":
        this.#bindings = unify(this.#bindings, type, DYN) ?? this.#bindings;
        return DYN;
      default:
        return this.#complain(offset, `type '${showType(type)}' does not support field selection`);
    }
  }

  #call(expr: Call): CelType {
    if (expr.fn === "_?._") return this.#optionalSelect(expr);
    const argTypes = expr.args.map((arg) => this.check(arg));
    if (expr.target === undefined) {
      const overloads = this.#scope.functions.get(expr.fn);
      if (overloads === undefined) return this.#undeclared(expr.offset, expr.fn);
      return this.#resolve(expr, overloads, argTypes);
    }
    const name = qualifiedName(expr.target);
    const qualified = name === undefined ? undefined : this.#scope.functions.get(`${name}.${expr.fn}`);
    if (qualified !== undefined && this.#lookup(name as string) === undefined) {
      expr.fn = `${name}.${expr.fn}`;
      expr.target = undefined;
      return this.#resolve(expr, qualified, argTypes);
    }
    const targetType = this.check(expr.target);
    const overloads = this.#scope.functions.get(expr.fn);
    if (overloads === undefined) return this.#undeclared(expr.offset, expr.fn);
    return this.#resolve(expr, overloads, [targetType, ...argTypes]);
  }

  #optionalSelect(expr: Call): CelType {
    const [operand, field] = expr.args as [Expr, Expr & { value: string }];
    this.check(field);
    const inner = this.#field(this.check(operand), field.value, expr.offset);
    return isOptional(inner) ? inner : optionalOf(inner);
  }

  #resolve(expr: Call, overloads: readonly Overload[], argTypes: readonly CelType[]): CelType {
    const isMember = expr.target !== undefined;
    const matching: Overload[] = [];
    let result: CelType | undefined;
    for (const overload of overloads) {
      if (overload.isMember !== isMember || overload.params.length !== argTypes.length) continue;
      const suffix = this.#fresh++;
      const params = overload.params.map((param) => instantiate(param, suffix));
      const bound = unifyAll(this.#bindings, params, argTypes);
      if (bound === undefined) continue;
      this.#bindings = bound;
      const type = substitute(bound, instantiate(overload.result, suffix), false);
      matching.push(overload);
      result = result === undefined || sameType(result, type) ? type : DYN;
    }
    if (result === undefined) {
      const shown = argTypes.map((type) => showType(substitute(this.#bindings, type, true)));
      const signature = isMember ? `${shown[0]}.(${shown.slice(1).join(", ")})` : `(${shown.join(", ")})`;
      if (argTypes.some((type) => type.kind === "error")) return ERROR;
      return this.#complain(expr.offset, `found no matching overload for '${expr.fn}' applied to '${signature}'`);
    }
    expr.overloads = matching;
    return result;
  }

  #list(expr: ListExpr): CelType {
    let element: CelType | undefined;
    for (const [i, item] of expr.elements.entries()) {
      const given = this.check(item);
      const type = expr.optional.has(i) ? this.#unwrap(given, item.offset) : given;
      [element, this.#bindings] = joinTypes(this.#bindings, element, type);
    }
    return listOf(element ?? this.#newParameter());
  }

  #map(expr: MapExpr): CelType {
    let key: CelType | undefined;
    let value: CelType | undefined;
    for (const entry of expr.entries) {
      const keyType = this.check(entry.key);
      const given = this.check(entry.value);
      const valueType = entry.optional ? this.#unwrap(given, entry.value.offset) : given;
      [key, this.#bindings] = joinTypes(this.#bindings, key, keyType);
      [value, this.#bindings] = joinTypes(this.#bindings, value, valueType);
    }
    return mapOf(key ?? this.#newParameter(), value ?? this.#newParameter());
  }

  #unwrap(type: CelType, offset: number): CelType {
    const known = substitute(this.#bindings, type, false);
    if (isOptional(known)) return firstParameter(known);
    if (known.kind === "dyn" || known.kind === "error") return DYN;
    return this.#complain(offset, `expected type 'optional_type(${showType(known)})' but found '${showType(known)}'`);
  }

  #newParameter(): CelType {
    return typeParameter(`_var${this.#fresh++}`);
  }

  #comprehension(expr: Comprehension): CelType {
    const range = substitute(this.#bindings, this.check(expr.range), false);
    const accu = this.check(expr.init);
    const [first, second] = this.#iterationTypes(range, expr);
    this.#locals.push([expr.accuVar, accu]);
    const before = this.#locals.length;
    this.#locals.push([expr.iterVar, first]);
    if (expr.iterVar2 !== undefined) this.#locals.push([expr.iterVar2, second]);
    this.check(expr.condition);
    this.#assert(expr.condition, BOOL);
    this.check(expr.step);
    this.#assert(expr.step, accu);
    this.#locals.length = before;
    const result = this.check(expr.result);
    this.#locals.pop();
    return substitute(this.#bindings, result, false);
  }

  #iterationTypes(range: CelType, expr: Comprehension): [CelType, CelType] {
    const isPair = expr.iterVar2 !== undefined;
    switch (range.kind) {
      case "list":
        return isPair ? [INT, firstParameter(range)] : [firstParameter(range), DYN];
      case "map":
        return [firstParameter(range), range.params[1] ?? DYN];
      case "dyn":
      case "error":
      case "parameter":
        return [DYN, DYN];
      default:
        this.#complain(
          expr.range.offset,
          `expression of type '${showType(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`,
        );
        return [ERROR, ERROR];
    }
  }

  #assert(expr: Expr, expected: CelType): void {
    const bound = unify(this.#bindings, expected, expr.type);
    if (bound !== undefined) {
      this.#bindings = bound;
      return;
    }
    const [want, got] = [expected, expr.type].map((type) => showType(substitute(this.#bindings, type, true)));
    this.#complain(expr.offset, `expected type '${want}' but found '${got}'`);
  }
}

function typeOfConstant(value: Constant): CelType {
  switch (typeof value) {
    case "boolean":
      return BOOL;
    case "bigint":
      return INT;
    case "number":
      return DOUBLE;
    case "string":
      return STRING;
    default:
      return value === null ? NULL : value instanceof Uint8Array ? BYTES : UINT;
  }
}
