import { conditions } from "./parts/conditions.ts";
import { PROVIDER_TYPES } from "./parts/providers.ts";
import { localRef } from "./parts/references.ts";
import { AGE, column, defineResource, type ResourceOf } from "./resource.ts";
import { choice, list, mapOf, object, required, string, strings } from "./schema-dsl.ts";

/** How a policy treats an option, from the strictest. Only the first two are enforced at admission. */
export const POLICY_MODES = ["pin", "allowList", "default", "recommended"] as const;

/** Options of a cluster a policy can govern. */
export const POLICY_OPTIONS = ["image", "network", "cluster", "storageContainer"] as const;
/** An option of a cluster a policy can govern. */
export type PolicyOption = (typeof POLICY_OPTIONS)[number];

const rule = object("What may be chosen for one option.", {
  mode: required(
    choice(
      "pin: the one value. allowList: one of the values. default: preselected. recommended: marked in the console.",
      POLICY_MODES,
    ),
  ),
  values: strings("The provider's ids the mode speaks of."),
  default: string("The id that is preselected."),
  recommendedReason: string("Why the values are recommended, shown beside them.", { maxLength: 120 }),
});

/** ClusterCreationPolicy: what may be chosen when a cluster is made. */
export const CLUSTER_CREATION_POLICY = defineResource({
  kind: "ClusterCreationPolicy",
  plural: "clustercreationpolicies",
  shortNames: ["ccp"],
  scope: "Cluster",
  description:
    "What may be chosen for image, network, cluster and storage when a cluster is made. The most specific policy for an option wins alone.",
  columns: [
    column("Team", ".spec.scope.team.teamRef.name", "Team of a team policy"),
    column("Env", ".spec.scope.teamAndEnvironment.environmentName", "Environment of an environment policy"),
    column("Providers", ".spec.targetProviders", "Providers it is for; none means all"),
    AGE,
  ],
  spec: object("The policy.", {
    scope: required(
      object(
        "Whose clusters it is for; exactly one of the three.",
        {
          platformWide: object("Everybody's.", {}),
          team: object("Those of a team.", { teamRef: required(localRef("The team.")) }),
          teamAndEnvironment: object("Those of one environment of a team.", {
            teamRef: required(localRef("The team.")),
            environmentName: required(string("The environment.", { minLength: 1, maxLength: 63 })),
          }),
        },
        {
          rules: [
            {
              rule: "(has(self.platformWide)?1:0) + (has(self.team)?1:0) + (has(self.teamAndEnvironment)?1:0) == 1",
              message: "exactly one of platformWide, team, or teamAndEnvironment must be set",
            },
          ],
        },
      ),
    ),
    targetProviders: list("Providers it is for. Empty means all.", choice("A provider it is for.", PROVIDER_TYPES)),
    options: mapOf("Rules by option: image, network, cluster or storageContainer.", rule),
  }),
  status: object("What is known about the policy.", {
    staleReferences: strings("Ids in the policy the provider no longer knows."),
    conditions: conditions(),
  }),
});

/** A ClusterCreationPolicy object. */
export type ClusterCreationPolicy = ResourceOf<typeof CLUSTER_CREATION_POLICY>;
/** The rule for one option. */
export type PolicyRule = NonNullable<NonNullable<ClusterCreationPolicy["spec"]>["options"]>[string];
