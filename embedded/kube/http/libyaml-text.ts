// What a client of the original sees of YAML that cannot be read: the words of libyaml for the complaints of our reader.

const TEXTS: readonly (readonly [RegExp, string])[] = [
  [/flow sequence in block|Flow sequence|must end with a \]/i, "did not find expected ',' or ']'"],
  [/Flow map|must end with a \}/i, "did not find expected ',' or '}'"],
  [/Implicit keys|Nested mappings/i, "mapping values are not allowed in this context"],
  [/Missing closing/i, "found unexpected end of stream"],
];

/** `yaml: line 2: flow sequence in …` as `yaml: line 1: did not find expected ',' or ']'`; other texts as they are. */
export function libyamlText(text: string): string {
  const match = /^yaml: line (\d{1,9}): (.*)$/s.exec(text);
  if (match === null) return text;
  const found = TEXTS.find(([pattern]) => pattern.test(match[2] as string));
  if (found === undefined) return text;
  // The original counts the lines before the one with the problem.
  return `yaml: line ${Math.max(1, Number(match[1]) - 1)}: ${found[1]}`;
}
