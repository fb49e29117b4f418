import { atomicConditions } from "./parts/conditions.ts";
import { secretRef } from "./parts/references.ts";
import { AGE, column, defineResource, type ResourceOf } from "./resource.ts";
import { boolean, choice, dateTime, integer, list, object, required, string, strings } from "./schema-dsl.ts";

/** User: a person's account. */
export const USER = defineResource({
  kind: "User",
  plural: "users",
  shortNames: ["usr"],
  scope: "Cluster",
  description:
    "The account of a person. Accounts of the identity provider appear at the first login; internal ones are invited and set their own password.",
  columns: [
    column("Email", ".spec.email", "E-mail address"),
    column("Display Name", ".spec.displayName", "Name for people"),
    column("Auth", ".spec.authType", "How the person logs in"),
    column("Platform Admin", ".spec.isPlatformAdmin", "Whether the person administers the platform", {
      type: "boolean",
    }),
    column("Phase", ".status.phase", "State of the account"),
    column("Last Login", ".status.lastLoginTime", "Last login", { type: "date" }),
    AGE,
  ],
  spec: object("Who the person is.", {
    email: required(string("E-mail address; teams name people by it.", { format: "email" })),
    displayName: string("Name shown to people."),
    avatar: string("URL of a picture."),
    authType: choice("sso: the identity provider decides. internal: a password of our own.", ["sso", "internal"], {
      default: "internal",
    }),
    disabled: boolean("Locks the person out.", { default: false }),
    platformRole: choice("Role on the whole platform: admin may do everything, viewer may look at everything.", [
      "admin",
      "viewer",
      "",
    ]),
    isPlatformAdmin: boolean("Older form of platformRole admin; either is enough.", { default: false }),
    ssoProvider: string("Identity provider the account came from."),
    ssoSubject: string("The identity provider's own id of the person."),
    sshKeys: list(
      "Public keys that open the person's workspaces.",
      object("A public key.", {
        name: required(string("Name the person gave the key.", { minLength: 1, maxLength: 63 })),
        publicKey: required(string("The key, in the form of authorized_keys.", { minLength: 1 })),
        fingerprint: string("SHA-256 fingerprint."),
        addedAt: dateTime("When the key was added."),
      }),
    ),
  }),
  status: object("What is known about the account.", {
    phase: choice("State of the account.", ["Pending", "Active", "Disabled", "Locked"]),
    teams: list(
      "Teams the person belongs to, with the strongest role.",
      object("A team of the person.", {
        name: required(string("Name of the team.")),
        role: required(string("Role in it.")),
      }),
    ),
    teamsResolvedAt: dateTime("When the teams were last worked out."),
    lastSeenGroups: strings("Groups the identity provider stated at the last login."),
    lastLoginTime: dateTime("Last successful login."),
    loginCount: integer("Successful logins.", { width: "int64" }),
    failedLoginAttempts: integer("Failed logins since the last successful one."),
    lockedUntil: dateTime("Until when too many failures keep the account locked."),
    passwordSecretRef: secretRef("Secret with the bcrypt hash of the password."),
    passwordChangedAt: dateTime("When the password was last set."),
    inviteTokenHash: string("SHA-256 of the invite token."),
    inviteSentAt: dateTime("When the invite was made."),
    inviteExpiresAt: dateTime("When the invite ends."),
    conditions: atomicConditions(),
  }),
});

/** A User object. */
export type User = ResourceOf<typeof USER>;
