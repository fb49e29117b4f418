import { isReason } from "@holdfast/apimachinery/meta/status-error";
import type { KubeObject } from "@holdfast/apimachinery/meta/types";
import { ANNOTATIONS, FINALIZERS, LABELS } from "@holdfast/contracts/butler-api/names";
import type { Team } from "@holdfast/contracts/butler-api/team";
import type { TenantCluster } from "@holdfast/contracts/butler-api/tenant-cluster";
import { accountOf, teamNameOf } from "@holdfast/domain/quota/account";
import type { Informer } from "@holdfast/runtime/kube/informer";
import type { KubeClient } from "@holdfast/runtime/kube/kube-client";
import { WorkQueue } from "@holdfast/runtime/kube/work-queue";
import type { Logger } from "@holdfast/runtime/log/logger";
import { NAMESPACES, ROLE_BINDINGS, TEAMS } from "../resource-refs.ts";
import { decideTeamActions, type TeamAction } from "./team-decide.ts";

export interface TeamControllerParts {
  readonly client: KubeClient;
  readonly teams: Informer<KubeObject>;
  readonly namespaces: Informer<KubeObject>;
  readonly clusters: Informer<KubeObject>;
  /** RoleBindings that Butler made. */
  readonly bindings: Informer<KubeObject>;
  readonly log: Logger;
  readonly now: () => number;
  readonly onDone: (outcome: "ok" | "error") => void;
}

/** Gives each Team its namespace, its members their roles in it, and a status that tells the truth; takes all away with the Team. */
export function startTeamController(parts: TeamControllerParts): { stop(): Promise<void> } {
  const { teams, namespaces, clusters, bindings } = parts;
  const queue = new WorkQueue((name) => reconcileTeam(parts, name), {
    name: "team",
    log: parts.log,
    onDone: parts.onDone,
  });
  const stops = [
    teams.subscribe(({ object }) => queue.add(object.metadata.name as string)),
    namespaces.subscribe(({ object }) => {
      if (teams.get(object.metadata.name as string) !== undefined) queue.add(object.metadata.name as string);
    }),
    clusters.subscribe(({ object, old }) => {
      queue.add(teamNameOf(object as unknown as TenantCluster));
      if (old !== undefined) queue.add(teamNameOf(old as unknown as TenantCluster));
    }),
    bindings.subscribe(({ object }) => {
      const namespace = object.metadata.namespace ?? "";
      if (teams.get(namespace) !== undefined) queue.add(namespace);
    }),
  ];
  return {
    async stop() {
      for (const stop of stops) stop();
      await queue.stop();
    },
  };
}

async function reconcileTeam(parts: TeamControllerParts, name: string): Promise<undefined> {
  const team = parts.teams.get(name) as unknown as Team | undefined;
  if (team === undefined) return undefined;
  const accounts = (parts.clusters.list() as unknown as TenantCluster[])
    .filter((cluster) => teamNameOf(cluster) === name)
    .map(accountOf);
  const bindings = parts.bindings.list(name).filter((binding) => binding.metadata.labels?.[LABELS.team] === name);
  const now = `${new Date(parts.now()).toISOString().slice(0, 19)}Z`;
  for (const action of decideTeamActions({ team, namespace: parts.namespaces.get(name), accounts, bindings }, now)) {
    try {
      await act(parts.client, team, action);
    } catch (error) {
      // A stale copy: the watch brings the new one, and with it the next turn.
      if (!isReason(error, "Conflict") && !isReason(error, "NotFound") && !isReason(error, "AlreadyExists"))
        throw error;
    }
  }
  return undefined;
}

async function act(client: KubeClient, team: Team, action: TeamAction): Promise<void> {
  const name = team.metadata.name as string;
  const finalizers = team.metadata.finalizers ?? [];
  const patchFinalizers = (next: readonly string[]) =>
    client.patch(
      TEAMS,
      { name },
      {
        type: "application/merge-patch+json",
        body: { metadata: { finalizers: next, resourceVersion: team.metadata.resourceVersion } },
      },
    );
  switch (action.kind) {
    case "add-finalizer":
      await patchFinalizers([...finalizers, FINALIZERS.Team]);
      return;
    case "remove-finalizer":
      await patchFinalizers(finalizers.filter((f) => f !== FINALIZERS.Team));
      return;
    case "create-namespace":
      await client.create(NAMESPACES, action.namespace);
      return;
    case "describe-namespace":
      await client.patch(
        NAMESPACES,
        { name },
        {
          type: "application/merge-patch+json",
          body: { metadata: { annotations: { [ANNOTATIONS.description]: action.description } } },
        },
      );
      return;
    case "create-binding":
      await client.create(ROLE_BINDINGS, action.binding);
      return;
    case "delete-binding":
      await client.delete(ROLE_BINDINGS, action.name, name);
      return;
    case "delete-namespace":
      await client.delete(NAMESPACES, name);
      return;
    case "status":
      await client.patch(
        TEAMS,
        { name, subresource: "status" },
        { type: "application/merge-patch+json", body: { status: action.status } },
      );
      return;
  }
}
