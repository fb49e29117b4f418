/** Infrastructure providers Butler knows. `local` runs clusters as containers or processes of the machine itself. */
export const PROVIDER_TYPES = ["harvester", "nutanix", "proxmox", "azure", "aws", "gcp", "local"] as const;
/** An infrastructure provider. */
export type ProviderType = (typeof PROVIDER_TYPES)[number];
