// Loops. The accumulating forms that macros produce are recognized, so that appending does not copy what is there.

import { ArrayList, CelError, CelList, CelMap, celError, Optional } from "./cel-values.ts";
import type { Evaluate, Run } from "./evaluation.ts";
import { ACCUMULATOR, type Call, type Comprehension, type Expr, OPTIONAL_TARGET, UNUSED } from "./expression.ts";
import { compileExpr, type Slots } from "./interpreter.ts";

export function compileComprehension(expr: Comprehension, slots: Slots): Evaluate {
  if (expr.iterVar === UNUSED) return compileBinding(expr, slots);
  const range = compileExpr(expr.range, slots);
  const init = compileExpr(expr.init, slots);
  const accuSlot = slots.push(expr.accuVar);
  const iterSlot = slots.push(expr.iterVar);
  const iterSlot2 = expr.iterVar2 === undefined ? undefined : slots.push(expr.iterVar2);
  const condition = compileExpr(expr.condition, slots);
  const step = compileAppend(expr.step, slots) ?? compileExpr(expr.step, slots);
  if (iterSlot2 !== undefined) slots.pop();
  slots.pop();
  const result = compileExpr(expr.result, slots);
  slots.pop();
  const startsEmpty = expr.init.kind === "list";
  const alwaysGoesOn = expr.condition.kind === "literal";
  return (run) => {
    const over = range(run);
    if (over instanceof CelError) return over;
    const items = iterate(over, iterSlot2 !== undefined);
    if (items instanceof CelError) return items;
    let accu = init(run);
    if (startsEmpty) accu = new ArrayList([]);
    for (let i = 0; i < items.count; i++) {
      run.slots[accuSlot] = accu;
      items.place(run, i, iterSlot, iterSlot2);
      if (!alwaysGoesOn && condition(run) === false) break;
      run.work(1);
      accu = step(run);
      if (accu instanceof CelError && startsEmpty) return accu;
    }
    run.slots[accuSlot] = accu;
    return result(run);
  };
}

interface Items {
  readonly count: number;
  place(run: Run, index: number, first: number, second: number | undefined): void;
}

function iterate(over: unknown, isPair: boolean): Items | CelError {
  if (over instanceof CelList) {
    return {
      count: over.size,
      place(run, index, first, second) {
        run.slots[first] = isPair ? BigInt(index) : over.at(index);
        if (second !== undefined) run.slots[second] = over.at(index);
      },
    };
  }
  if (!(over instanceof CelMap)) return celError("got 'no such overload', wanted iterable type");
  const keys = over.keys();
  return {
    count: keys.length,
    place(run, index, first, second) {
      run.slots[first] = keys[index];
      if (second !== undefined) run.slots[second] = over.get(keys[index]);
    },
  };
}

/** `accu + [x]` and `p ? accu + [x] : accu`, appending in place: the list is the loop's own until it ends. */
function compileAppend(step: Expr, slots: Slots): Evaluate | undefined {
  const item = appendedItem(step);
  if (item !== undefined) return append(item, slots);
  if (step.kind !== "call" || step.fn !== "_?_:_") return undefined;
  const [filter, yes, no] = step.args as [Expr, Expr, Expr];
  const kept = appendedItem(yes);
  if (kept === undefined || !isAccumulator(no)) return undefined;
  const test = compileExpr(filter, slots);
  const add = append(kept, slots);
  const accuSlot = slots.find(ACCUMULATOR) as number;
  return (run) => {
    const passes = test(run);
    if (passes === true) return add(run);
    if (passes === false) {
      run.charge(1);
      return run.slots[accuSlot];
    }
    return passes instanceof CelError ? passes : celError("no such overload");
  };
}

function isAccumulator(expr: Expr): boolean {
  return expr.kind === "ident" && expr.name === ACCUMULATOR;
}

function appendedItem(step: Expr): Expr | undefined {
  if (step.kind !== "call" || step.fn !== "_+_") return undefined;
  const [left, right] = (step as Call).args as [Expr, Expr];
  return isAccumulator(left) && right.kind === "list" && right.elements.length === 1 ? right.elements[0] : undefined;
}

/** Costs what the written form does: the name, a list of one, and the sum. */
function append(item: Expr, slots: Slots): Evaluate {
  const evaluate = compileExpr(item, slots);
  const accuSlot = slots.find(ACCUMULATOR) as number;
  return (run) => {
    const value = evaluate(run);
    if (value instanceof CelError) return value;
    run.charge(12);
    const accu = run.slots[accuSlot];
    if (!(accu instanceof ArrayList)) return accu instanceof CelError ? accu : celError("no such overload");
    accu.elements.push(value);
    return accu;
  };
}

/** The name that optMap gives to what the optional holds. */
function compileBinding(expr: Comprehension, slots: Slots): Evaluate {
  const init = compileExpr(expr.init, slots);
  const slot = slots.push(expr.accuVar);
  const result = compileExpr(expr.result, slots);
  slots.pop();
  const isReadTwice = expr.accuVar === OPTIONAL_TARGET;
  return (run) => {
    const before = run.cost;
    const value = init(run);
    if (value instanceof CelError) return value;
    if (isReadTwice && value instanceof Optional && value.hasValue) run.charge(run.cost - before);
    run.slots[slot] = value;
    return result(run);
  };
}
