import type { KindBehaviour } from "./kind-behaviour.ts";

const NOTHING: KindBehaviour = {};
const KINDS: Readonly<Record<string, KindBehaviour>> = {};

/** @param typeKey - as in the type table: `apps/v1.Deployment` */
export function kindBehaviour(typeKey: string): KindBehaviour {
  return KINDS[typeKey] ?? NOTHING;
}
