/** authentication.k8s.io/v1 UserInfo */
export interface UserInfo {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

export const ANONYMOUS: UserInfo = { username: "system:anonymous", groups: ["system:unauthenticated"] };
/** The server's own hand: controllers and start-up objects. */
export const SYSTEM: UserInfo = { username: "system:apiserver", groups: ["system:masters", "system:authenticated"] };

/** What is asked for, in the words of RBAC. Non-resource requests have `path` and no resource. */
export interface Attributes {
  readonly user: UserInfo;
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** Non-resource requests only. */
  readonly path?: string;
}

export interface Decision {
  readonly allowed: boolean;
  /** Why, for SubjectAccessReview and refusals. */
  readonly reason: string;
}

export interface Authorizer {
  authorize(attributes: Attributes): Decision;
}
