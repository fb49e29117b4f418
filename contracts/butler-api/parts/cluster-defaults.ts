import { integer, object, string, strings, type ValueOf } from "../schema-dsl.ts";

/** What a new cluster gets where its request says nothing. */
export function clusterDefaults(description: string) {
  return object(description, {
    kubernetesVersion: string("Kubernetes version, such as v1.32.2."),
    workerCount: integer("Number of worker nodes.", { minimum: 0 }),
    workerCPU: integer("CPU cores of a worker node.", { minimum: 1 }),
    workerMemoryGi: integer("Memory of a worker node in GiB.", { minimum: 1 }),
    workerDiskGi: integer("Disk of a worker node in GiB.", { minimum: 10 }),
    defaultAddons: strings("Names of the addons a new cluster starts with."),
  });
}

/** Defaults of a team or an environment. */
export type ClusterDefaults = ValueOf<ReturnType<typeof clusterDefaults>>;
