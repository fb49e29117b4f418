export function startRoleAggregation(_kube: unknown): () => void { return () => undefined; }
