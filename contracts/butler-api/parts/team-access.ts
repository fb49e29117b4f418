import { choice, list, object, required, string, type ValueOf } from "../schema-dsl.ts";

/** Roles inside a team, from the strongest. */
export const TEAM_ROLES = ["admin", "operator", "viewer"] as const;
/** A role inside a team. */
export type TeamRole = (typeof TEAM_ROLES)[number];

const ROLE_TEXT = "admin manages the team and its members, operator its clusters, viewer looks.";

/** The people and groups of a team or an environment. */
export function teamAccess(description: string) {
  return object(description, {
    users: list(
      "People with a role, one entry a person.",
      object("A person and the role given.", {
        name: required(string("E-mail address; upper and lower case are the same.", { minLength: 1 })),
        role: choice(`Role of the person: ${ROLE_TEXT}`, TEAM_ROLES, { default: "viewer" }),
      }),
    ),
    groups: list(
      "Groups of the identity provider whose members all get a role.",
      object("A group and the role its members get.", {
        name: required(string("Group name exactly as the identity provider states it.", { minLength: 1 })),
        role: choice(`Role of every member: ${ROLE_TEXT}`, TEAM_ROLES, { default: "viewer" }),
        identityProvider: string(
          "Name of the IdentityProvider the group must come from. Without it a group of that name from any provider counts.",
        ),
      }),
    ),
  });
}

/** Users and groups with their roles. */
export type TeamAccess = ValueOf<ReturnType<typeof teamAccess>>;
