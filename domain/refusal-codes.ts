// The closed table of what a decision refuses with. Messages are written where the rule stands, because clients of the
// original know them word for word; the sentence here is for the error reference and says the way out.

/** code -> what it means and how to get past it. */
export const REFUSALS = {
  TEAM_LIMITS_PLATFORM_ONLY: "The limits (spec.resourceLimits) of a Team are set by platform admins alone: ask one.",
  TEAM_NEW_ENVIRONMENT_LIMITS:
    "A new Team with environment limits is made by platform admins: leave the limits out and add them as team admin.",
  TEAM_ENVIRONMENT_LIMITS: "Limits of an environment are changed by admins of the team or the platform: ask one.",
  TEAM_MEMBERSHIP: "Members and groups of a team are changed by its admins or those of the platform: ask one.",
  TEAM_ENVIRONMENT_SUBJECT: "Environment access names somebody who is not in the team: add them to spec.access first.",
  TEAM_NAMESPACE_TAKEN: "A namespace of that name exists and is not the team's: choose another name.",
  CLUSTER_ENVIRONMENT_IMMUTABLE: "The environment label changes by a migration only: use butleradm env migrate.",
  CLUSTER_MIGRATION_NOT_ENTITLED: "A migration is done by admins of the team or the platform: ask one.",
  CLUSTER_ENVIRONMENT_REQUIRED: "The team has environments: label the cluster with one of them.",
  CLUSTER_ENVIRONMENT_UNKNOWN: "The label names no environment of the team: use one of the listed names.",
  CLUSTER_ENVIRONMENT_FULL: "The environment has as many clusters as it may: delete one or have the limit raised.",
  CLUSTER_CREATOR:
    "The creator annotation is missing, another person's, or changed: create through butler-server or name yourself.",
  CLUSTER_OWNER: "The owner annotation is set by the controller: leave it as it is.",
  CLUSTER_MEMBER_FULL:
    "The person has as many clusters in the environment as one may: delete one or have the limit raised.",
  CLUSTER_NAMESPACE_OF_OTHER_TEAM:
    "The namespace belongs to another team: create the cluster in the team's own namespace.",
  CLUSTER_QUANTITY: "A size is no quantity: write it like 16Gi or 500m.",
  CLUSTER_PROVIDER_NOT_FOUND: "The ProviderConfig does not exist: name one that does.",
  CLUSTER_PROVIDER_SCOPE: "The ProviderConfig is another team's: name one of the platform or the team's own.",
  CLUSTER_POLICY: "A ClusterCreationPolicy forbids the value: choose one it allows.",
  CLUSTER_PROVIDER_LIMIT:
    "The provider's limit for a team is reached: delete or shrink a cluster, or have the limit raised.",
  CLUSTER_TEAM_QUOTA: "The team's quota is reached: delete or shrink a cluster, or have a platform admin raise it.",
  CLUSTER_LEDGER_FULL: "Too many requests of the team are under way at once: try again in a minute.",
  POOL_SPEC: "The pool contradicts itself or another pool: correct what the message names.",
  POOL_SHRINK: "A pool's block may only grow: make a second pool instead.",
  POOL_NARROW: "Addresses in use would fall outside of the ranges: move or delete the allocations first.",
  POOL_RESERVES_ALLOCATED: "Addresses in use would become reserved: move or delete the allocations first.",
  POOL_IN_USE: "The pool is still used: delete the allocations and references first.",
  PROVIDER_SPEC: "The provider's settings are incomplete or contradict themselves: correct what the message names.",
  PROVIDER_REFERENCE: "The provider names a pool or team that does not exist: create it first.",
  PROVIDER_IMMUTABLE: "Clusters use the provider: make a second ProviderConfig instead.",
  PROVIDER_IN_USE: "Clusters use the provider: delete them first.",
  POLICY_REFERENCE: "The policy names a team or environment that does not exist: create it first.",
  POLICY_RULE: "A rule of the policy is incomplete: correct what the message names.",
  POLICY_CONFLICT: "Another policy rules the same option for the same clusters: merge the two.",
} as const satisfies Readonly<Record<string, string>>;

/** Why a decision refuses; stable, for machines. */
export type RefusalCode = keyof typeof REFUSALS;
