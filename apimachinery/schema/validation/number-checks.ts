// Bounds, multiples and formats of numbers. Integers are compared as integers, so a bound of 9.5 counts as 9 for them.

import { goFloat, goNumber } from "../../meta/field-error.ts";
import type { JsonSchema } from "../json-schema.ts";
import type { ValidationRun } from "./validation-run.ts";

export type NumberCheck = (value: number, run: ValidationRun) => void;

const MAX_INT64 = 2 ** 63;
/** Above this a number is no 32-bit float any more. */
const MAX_FLOAT32 = 3.4028235677973366e38;
const MAX_JSON_INTEGER = 2 ** 53 - 1;

/** Whether the server holds the number as an integer of 64 bits. */
export function isInt64(value: number): boolean {
  return Number.isInteger(value) && value < MAX_INT64 && value >= -MAX_INT64;
}

/** Whether a fractional number is so near to an integer that it passes for one. */
export function passesForInteger(value: number): boolean {
  if (Math.abs(value) > MAX_JSON_INTEGER) return false;
  const rounded = Math.round(value);
  if (value === rounded) return true;
  return rounded !== 0 && Math.abs(value - rounded) < 1e-9 * Math.abs(rounded);
}

/** A bound as texts show it: in digits where it was compared as an integer. */
function boundText(bound: number, asInteger: boolean): string {
  return asInteger ? goNumber(bound) : goFloat(bound);
}

/**
 * Compiles what a schema says of numbers.
 *
 * @param typeName - `integer`, `number`, or `""` if the schema names no single type.
 * @returns undefined if there is nothing to check.
 */
export function compileNumberCheck(schema: JsonSchema, typeName: string, format: string): NumberCheck | undefined {
  const { multipleOf, minimum, maximum } = schema;
  const checks: NumberCheck[] = [];
  if (typeName === "integer" || format === "float") {
    checks.push((value, run) => reportRange(value, "Checked", typeName, format, run));
  }
  if (multipleOf !== undefined) checks.push(multipleCheck(multipleOf, typeName, format));
  if (minimum !== undefined) checks.push(minimumCheck(minimum, schema.exclusiveMinimum === true, typeName, format));
  if (maximum !== undefined) checks.push(maximumCheck(maximum, schema.exclusiveMaximum === true, typeName, format));
  if (checks.length === 0) return undefined;
  if (checks.length === 1) return checks[0];
  return (value, run) => {
    for (const check of checks) check(value, run);
  };
}

function fitsRange(value: number, typeName: string, format: string): boolean {
  if (typeName === "integer") {
    if (!isInt64(value)) return false;
    return format !== "int32" || (value <= 2147483647 && value >= -2147483648);
  }
  return format !== "float" || Math.abs(value) < MAX_FLOAT32;
}

function reportRange(value: number, what: string, typeName: string, format: string, run: ValidationRun): boolean {
  if (fitsRange(value, typeName, format)) return true;
  const how = format === "" ? "(default format)" : `with format ${format}`;
  run.pathless(`${what} value must be of type ${typeName} ${how} in ${run.name()}`);
  return false;
}

function multipleCheck(factor: number, typeName: string, format: string): NumberCheck {
  return (value, run) => {
    const native = reportRange(factor, "MultipleOf", typeName, format, run);
    const asInteger = native && isInt64(value);
    const by = asInteger ? Math.trunc(factor) : factor;
    if (by <= 0) {
      const name = run.name();
      run.refuse(
        "FieldValueInvalid",
        `factor MultipleOf declared for ${name} must be positive: ${boundText(by, asInteger)}`,
        by,
      );
    } else if (asInteger ? value % by !== 0 : !passesForInteger(by < 1 ? (1 / by) * value : value / by)) {
      run.complain(value, `should be a multiple of ${boundText(by, asInteger)}`);
    }
  };
}

function minimumCheck(minimum: number, exclusive: boolean, typeName: string, format: string): NumberCheck {
  const words = exclusive ? "should be greater than" : "should be greater than or equal to";
  return (value, run) => {
    const native = reportRange(minimum, "Minimum boundary", typeName, format, run);
    const asInteger = native && isInt64(value);
    const bound = asInteger ? Math.trunc(minimum) : minimum;
    if (value < bound || (exclusive && value === bound)) run.complain(value, `${words} ${boundText(bound, asInteger)}`);
  };
}

function maximumCheck(maximum: number, exclusive: boolean, typeName: string, format: string): NumberCheck {
  const words = exclusive ? "should be less than" : "should be less than or equal to";
  return (value, run) => {
    const native = reportRange(maximum, "Maximum boundary", typeName, format, run);
    const asInteger = native && isInt64(value);
    const bound = asInteger ? Math.trunc(maximum) : maximum;
    if (value > bound || (exclusive && value === bound)) run.complain(value, `${words} ${boundText(bound, asInteger)}`);
  };
}
