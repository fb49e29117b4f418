export async function ensureDefaultRoles(_kube: unknown): Promise<void> {}
