// The source of the peer: the same validation and the same mutation as a Pepr capability. It is written into a folder of its own, where
// Pepr is installed; Pepr serves /validate/TOKEN and /mutate/TOKEN over TLS.
export const PEPR_MODULE = `
import { Capability, PeprModule, RegisterKind, a } from "pepr";
class Team extends a.GenericKind {}
class TenantCluster extends a.GenericKind {}
RegisterKind(Team, { group: "butler.butlerlabs.dev", version: "v1alpha1", kind: "Team", plural: "teams" });
RegisterKind(TenantCluster, { group: "butler.butlerlabs.dev", version: "v1alpha1", kind: "TenantCluster", plural: "tenantclusters" });
const capability = new Capability({ name: "butler", description: "peer" });
const limitsOf = (team) => JSON.stringify((team.spec.environments ?? []).map((e) => [e.name, e.limits ?? null]).filter(([, l]) => l !== null).sort());
capability.When(Team).IsUpdated().Validate((request) => {
  const [next, old] = [request.Raw, request.OldResource];
  if (JSON.stringify(next.spec.resourceLimits) !== JSON.stringify(old.spec.resourceLimits)) return request.Deny("spec.resourceLimits");
  if (limitsOf(next) !== limitsOf(old)) return request.Deny("spec.environments[].limits");
  if (JSON.stringify(next.spec.access) !== JSON.stringify(old.spec.access)) return request.Deny("spec.access");
  const members = new Set((next.spec.access?.users ?? []).map((u) => u.name.toLowerCase()));
  for (const e of next.spec.environments ?? []) for (const u of e.access?.users ?? []) if (!members.has(u.name.toLowerCase())) return request.Deny("member");
  return request.Approve();
});
capability.When(TenantCluster).IsCreated().Mutate((request) => {
  // The defaults of the team; Pepr would keep them in its store.
  const defaults = { kubernetesVersion: "v1.34.2", workerCount: 2 };
  request.Raw.spec.workers ??= {};
  request.Raw.spec.workers.machineTemplate ??= {};
  request.Raw.spec.workers.machineTemplate.cpu ??= 4;
  request.Raw.spec.kubernetesVersion ??= defaults.kubernetesVersion;
});
new PeprModule({ description: "peer", pepr: { name: "peer", uuid: "peer", onError: "ignore", alwaysIgnore: { namespaces: [] } } }, [capability], { deferStart: true }).start(Number(process.env.PEER_PORT));
`;
