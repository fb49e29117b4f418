const KUBE_VERSION = /^v(\d{1,9})(?:(alpha|beta)(\d{1,9}))?$/;
const STABILITY: Readonly<Record<string, number>> = { alpha: 1, beta: 2 };

/**
 * Compares names of API versions, the preferred one first: `v10`, `v2`, `v2beta1`, `v1alpha1`, then all other names in
 * alphabetical order (k8s.io/apimachinery/pkg/version).
 */
export function compareVersions(a: string, b: string): number {
  const left = rankOf(a);
  const right = rankOf(b);
  if (left === undefined && right === undefined) return a < b ? -1 : a > b ? 1 : 0;
  if (left === undefined) return 1;
  if (right === undefined) return -1;
  for (const [i, value] of left.entries()) if (value !== right[i]) return (right[i] as number) - value;
  return 0;
}

/** Stability, major, minor; undefined for names of another form. */
function rankOf(name: string): readonly number[] | undefined {
  const match = KUBE_VERSION.exec(name);
  if (match === null) return undefined;
  const [, major, word, minor] = match;
  return [word === undefined ? 3 : (STABILITY[word] as number), Number(major), Number(minor ?? 0)];
}
