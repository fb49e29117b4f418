import { conditions, observedGeneration } from "./parts/conditions.ts";
import { secretRef } from "./parts/references.ts";
import { AGE, column, defineResource, type ResourceOf } from "./resource.ts";
import { boolean, choice, dateTime, list, object, required, string, strings } from "./schema-dsl.ts";

/** IdentityProvider: where people log in. */
export const IDENTITY_PROVIDER = defineResource({
  kind: "IdentityProvider",
  plural: "identityproviders",
  shortNames: ["idp"],
  scope: "Cluster",
  description: "An OpenID Connect provider people log in with.",
  columns: [
    column("Type", ".spec.type", "Protocol"),
    column("Issuer", ".spec.oidc.issuerURL", "Issuer"),
    column("Phase", ".status.phase", "State of the provider"),
    AGE,
  ],
  spec: object(
    "The provider.",
    {
      type: required(choice("Protocol; the block of the same name holds its settings.", ["oidc"])),
      displayName: string("Name on the login button."),
      oidc: object("Settings of OpenID Connect.", {
        issuerURL: required(string("Issuer, exactly as its tokens state it.", { pattern: "^https://" })),
        clientID: required(string("Client id at the provider.", { minLength: 1 })),
        clientSecretRef: required(secretRef("Secret with the client secret, in key client-secret unless told.")),
        redirectURL: required(string("Where the provider sends people back to.", { pattern: "^https?://" })),
        scopes: strings("Scopes asked for. Without them openid, email and profile."),
        emailClaim: string("Claim that holds the e-mail address.", { default: "email" }),
        groupsClaim: string("Claim that holds the groups.", { default: "groups" }),
        hostedDomain: string("Only accounts of this domain are let in."),
        insecureSkipVerify: boolean("Accepts any certificate of the provider. For trials only.", { default: false }),
        googleWorkspace: object("Groups read from Google Workspace, which does not put them into tokens.", {
          adminEmail: required(string("Administrator whose view of the directory is used.", { format: "email" })),
          serviceAccountSecretRef: required(secretRef("Secret with the key of the service account.")),
        }),
      }),
      platformRoleGroups: list(
        "Groups of this provider whose members have a role on the whole platform.",
        object("A group and its platform role.", {
          name: required(string("Group name exactly as the provider states it.", { minLength: 1 })),
          role: required(choice("Role on the whole platform.", ["admin", "viewer"])),
        }),
      ),
    },
    {
      rules: [{ rule: "self.type != 'oidc' || has(self.oidc)", message: "oidc is required when type is oidc" }],
    },
  ),
  status: object("What is known about the provider.", {
    phase: choice("State of the provider.", ["Pending", "Ready", "Failed"]),
    message: string("Why it is not ready."),
    discoveredEndpoints: object("Endpoints the provider publishes.", {
      authorizationEndpoint: string("Where people are sent to log in."),
      tokenEndpoint: string("Where codes are exchanged for tokens."),
      userInfoEndpoint: string("Where claims can be asked for."),
      jwksURI: string("Where the signing keys are."),
    }),
    lastValidatedTime: dateTime("When the provider was last tried."),
    conditions: conditions(),
    observedGeneration: observedGeneration(),
  }),
});

/** An IdentityProvider object. */
export type IdentityProvider = ResourceOf<typeof IDENTITY_PROVIDER>;
