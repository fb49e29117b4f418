// Authorization checks: https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-authorizer-library

import { dns1123Label, dns1123Subdomain } from "../../schema/name-rules.ts";
import { BOOL, opaqueType, STRING } from "../language/cel-types.ts";
import { type CelError, celError, Opaque } from "../language/cel-values.ts";
import { member, type Overload } from "../language/function-table.ts";

/** authentication.k8s.io/v1 UserInfo */
export interface AskedUser {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** A question to whoever authorizes; without `user` it is about the user of the request. */
export interface AskedAttributes {
  readonly user?: AskedUser;
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** Non-resource questions only. */
  readonly path?: string;
}

export interface AskedDecision {
  readonly allowed: boolean;
  readonly reason: string;
}

export type Authorize = (asked: AskedAttributes) => AskedDecision;

export const AUTHORIZER = opaqueType("kubernetes.authorization.Authorizer");
export const RESOURCE_CHECK = opaqueType("kubernetes.authorization.ResourceCheck");
const PATH_CHECK = opaqueType("kubernetes.authorization.PathCheck");
const GROUP_CHECK = opaqueType("kubernetes.authorization.GroupCheck");
const DECISION = opaqueType("kubernetes.authorization.Decision");

type Question = Omit<AskedAttributes, "verb">;
const NOTHING: Question = { group: "", version: "*", resource: "", subresource: "", namespace: "", name: "" };

/** A check being put together; each step makes a new one. */
export class Check extends Opaque {
  readonly celType: typeof AUTHORIZER;
  readonly authorize: Authorize;
  readonly question: Question;
  constructor(celType: typeof AUTHORIZER, authorize: Authorize, question: Question = NOTHING) {
    super();
    this.celType = celType;
    this.authorize = authorize;
    this.question = question;
  }
  equals(other: unknown): boolean {
    return other === this;
  }
  with(celType: typeof AUTHORIZER, part: Partial<Question>): Check {
    return new Check(celType, this.authorize, { ...this.question, ...part });
  }
}

class Decision extends Opaque {
  readonly celType = DECISION;
  readonly decision: AskedDecision;
  constructor(decision: AskedDecision) {
    super();
    this.decision = decision;
  }
  equals(other: unknown): boolean {
    return other === this;
  }
}

function serviceAccount(check: Check, namespace: string, name: string): Check | CelError {
  if (dns1123Subdomain(name).length > 0) return celError("Invalid service account name");
  if (dns1123Label(namespace).length > 0) return celError("Invalid service account namespace");
  const groups = ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"];
  return check.with(AUTHORIZER, { user: { username: `system:serviceaccount:${namespace}:${name}`, groups } });
}

function notBlank(what: string, text: string): CelError | undefined {
  return text.trim() === "" ? celError(`${what} must not be empty`) : undefined;
}

function setter(name: string, part: "subresource" | "namespace" | "name"): readonly Overload[] {
  const run = (check: Check, value: string): Check => check.with(RESOURCE_CHECK, { [part]: value });
  return [member(`resourcecheck_${name}`, [RESOURCE_CHECK, STRING], RESOURCE_CHECK, run)];
}

/** Selectors narrow a list or watch; the authorizers of this product decide without them. */
function selector(id: string): readonly Overload[] {
  return [member(id, [RESOURCE_CHECK, STRING], RESOURCE_CHECK, (check: Check) => check)];
}

function ask(check: Check, verb: string): Decision {
  return new Decision(check.authorize({ ...check.question, verb }));
}

export const AUTHORIZER_LIBRARY: Readonly<Record<string, readonly Overload[]>> = {
  path: [
    member(
      "authorizer_path",
      [AUTHORIZER, STRING],
      PATH_CHECK,
      (check: Check, path: string) => notBlank("path", path) ?? check.with(PATH_CHECK, { path }),
    ),
  ],
  group: [
    member("authorizer_group", [AUTHORIZER, STRING], GROUP_CHECK, (check: Check, group: string) =>
      check.with(GROUP_CHECK, { group }),
    ),
  ],
  serviceAccount: [member("authorizer_serviceaccount", [AUTHORIZER, STRING, STRING], AUTHORIZER, serviceAccount)],
  resource: [
    member(
      "groupcheck_resource",
      [GROUP_CHECK, STRING],
      RESOURCE_CHECK,
      (check: Check, resource: string) => notBlank("resource", resource) ?? check.with(RESOURCE_CHECK, { resource }),
    ),
  ],
  subresource: setter("subresource", "subresource"),
  namespace: setter("namespace", "namespace"),
  name: setter("name", "name"),
  fieldSelector: selector("authorizer_fieldselector"),
  labelSelector: selector("authorizer_labelselector"),
  check: [
    member("pathcheck_check", [PATH_CHECK, STRING], DECISION, ask),
    member("resourcecheck_check", [RESOURCE_CHECK, STRING], DECISION, ask),
  ],
  allowed: [member("decision_allowed", [DECISION], BOOL, ({ decision }: Decision) => decision.allowed)],
  reason: [member("decision_reason", [DECISION], STRING, ({ decision }: Decision) => decision.reason)],
  errored: [member("decision_errored", [DECISION], BOOL, () => false)],
  error: [member("decision_error", [DECISION], STRING, () => "")],
};
