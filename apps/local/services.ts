/** Services that `holdfast run` starts, each loaded when it is asked for. */
export const SERVICES: Readonly<
  Record<
    string,
    () => Promise<{ main(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): Promise<number> }>
  >
> = {
  "butler-controller": () => import("@holdfast/butler-controller/main"),
};
