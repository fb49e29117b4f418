import type { CrdCondition, CrdNames, CustomResourceDefinition } from "./definition.ts";

export const CLEANUP_FINALIZER = "customresourcecleanup.apiextensions.k8s.io";

/** Names that other definitions of the group hold already: plural, singular, short names and kinds must be unique in it. */
export interface TakenNames {
  readonly resources: ReadonlySet<string>;
  readonly kinds: ReadonlySet<string>;
}

/** What the definitions of a group but this one have been granted. */
export function takenNames(crd: CustomResourceDefinition, others: readonly CustomResourceDefinition[]): TakenNames {
  const resources = new Set<string>();
  const kinds = new Set<string>();
  for (const other of others) {
    if (other.metadata.name === crd.metadata.name || other.spec.group !== crd.spec.group) continue;
    const names = other.status?.acceptedNames;
    if (names === undefined || names.plural === "") continue;
    for (const name of [names.plural, names.singular, ...(names.shortNames ?? [])]) if (name) resources.add(name);
    for (const kind of [names.kind, names.listKind]) if (kind) kinds.add(kind);
  }
  return { resources, kinds };
}

/** The status a definition has when its names are judged: accepted names and the conditions NamesAccepted and Established. */
export function judgeNames(
  crd: CustomResourceDefinition,
  taken: TakenNames,
  now: string,
): CustomResourceDefinition["status"] {
  const wanted = crd.spec.names;
  const before = crd.status?.acceptedNames ?? { plural: "", kind: "" };
  const problems: { reason: string; message: string }[] = [];
  const accepted: CrdNames = { ...before };
  const judge = (word: string, value: string | undefined, set: ReadonlySet<string>, grant: () => void) => {
    if (value === undefined || value === "" || !set.has(value)) return grant();
    problems.push({ reason: `${word}Conflict`, message: `${JSON.stringify(value)} is already in use` });
  };
  judge("Plural", wanted.plural, taken.resources, () => {
    accepted.plural = wanted.plural;
  });
  judge("Singular", wanted.singular, taken.resources, () => {
    if (wanted.singular !== undefined) accepted.singular = wanted.singular;
  });
  const conflicting = (wanted.shortNames ?? []).filter((n) => taken.resources.has(n));
  if (conflicting.length === 0) assign(accepted, "shortNames", wanted.shortNames);
  else {
    const texts = conflicting.map((n) => `${JSON.stringify(n)} is already in use`);
    problems.push({
      reason: "ShortNamesConflict",
      message: texts.length === 1 ? (texts[0] as string) : `[${texts.join(", ")}]`,
    });
  }
  judge("Kind", wanted.kind, taken.kinds, () => {
    accepted.kind = wanted.kind;
  });
  judge("ListKind", wanted.listKind, taken.kinds, () => {
    if (wanted.listKind !== undefined) accepted.listKind = wanted.listKind;
  });
  assign(accepted, "categories", wanted.categories);
  const conditions = [...(crd.status?.conditions ?? [])];
  const last = problems.at(-1);
  const namesAccepted: CrdCondition =
    last === undefined
      ? condition("NamesAccepted", "True", "NoConflicts", "no conflicts found", now)
      : condition("NamesAccepted", "False", last.reason, last.message, now);
  setCondition(conditions, namesAccepted);
  const established = conditions.find((c) => c.type === "Established");
  if (last === undefined) {
    if (established?.status !== "True")
      setCondition(
        conditions,
        condition("Established", "True", "InitialNamesAccepted", "the initial names have been accepted", now),
      );
  } else if (established === undefined) {
    setCondition(conditions, condition("Established", "False", "NotAccepted", "not all names are accepted", now));
  }
  return { ...crd.status, acceptedNames: accepted, conditions };
}

/** A condition of a list, replaced in place or added; its time moves only with its status. */
export function setCondition(conditions: CrdCondition[], next: CrdCondition): void {
  const at = conditions.findIndex((c) => c.type === next.type);
  if (at < 0) {
    conditions.push(next);
    return;
  }
  const before = conditions[at] as CrdCondition;
  const { lastTransitionTime } = before.status === next.status ? before : next;
  conditions[at] = { ...next, ...(lastTransitionTime === undefined ? {} : { lastTransitionTime }) };
}

export function condition(
  type: string,
  status: CrdCondition["status"],
  reason: string,
  message: string,
  now: string,
): CrdCondition {
  return { type, status, lastTransitionTime: now, reason, message };
}

export function isEstablished(crd: CustomResourceDefinition): boolean {
  return (crd.status?.conditions ?? []).some((c) => c.type === "Established" && c.status === "True");
}

function assign<K extends "shortNames" | "categories">(names: CrdNames, key: K, value: CrdNames[K]): void {
  if (value === undefined || value.length === 0) delete names[key];
  else names[key] = value;
}
