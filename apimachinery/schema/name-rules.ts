// The rules for names in the Kubernetes API and the words in which they refuse: RFC 1123 and RFC 1035 names,
// qualified names, label values, path segments. Kubernetes documentation, "Object Names and IDs", "Labels and Selectors".
// Every expression here is linear: one character class decides each step.

/** Says what is wrong with a name; an empty list accepts it. */
export type NameRule = (value: string) => string[];

const DNS1123_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const DNS1123_SUBDOMAIN = `${DNS1123_LABEL}(\\.${DNS1123_LABEL})*`;
const DNS1035_LABEL = "[a-z]([-a-z0-9]*[a-z0-9])?";
const QUALIFIED_NAME = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const LABEL_VALUE = `(${QUALIFIED_NAME})?`;

const DNS1123_LABEL_PATTERN = new RegExp(`^${DNS1123_LABEL}$`);
const DNS1123_SUBDOMAIN_PATTERN = new RegExp(`^${DNS1123_SUBDOMAIN}$`);
const DNS1035_LABEL_PATTERN = new RegExp(`^${DNS1035_LABEL}$`);
const QUALIFIED_NAME_PATTERN = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

const MUST_BE_ALPHANUMERIC =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

/** `description (e.g. 'a',  or 'b', regex used for validation is 'r')` */
function mustMatch(description: string, pattern: string, ...examples: string[]): string {
  const shown = examples.map((example) => `'${example}', `).join(" or ");
  return `${description} (e.g. ${shown}regex used for validation is '${pattern}')`;
}

/** Length as the API counts it: bytes of UTF-8. */
export function byteLength(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (unit >= 0xd800 && unit < 0xdc00 && i + 1 < text.length) {
      bytes += 4;
      i++;
    } else bytes += 3;
  }
  return bytes;
}

function subdomain(value: string, unit: "bytes" | "characters"): string[] {
  const errors: string[] = [];
  if (byteLength(value) > 253) errors.push(`must be no more than 253 ${unit}`);
  if (!DNS1123_SUBDOMAIN_PATTERN.test(value)) {
    errors.push(
      mustMatch(
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
        DNS1123_SUBDOMAIN,
        "example.com",
      ),
    );
  }
  return errors;
}

/** RFC 1123 subdomain: dot-separated labels, at most 253 bytes. Most objects' names. */
export function dns1123Subdomain(value: string): string[] {
  return subdomain(value, "characters");
}

/** RFC 1123 label: at most 63 bytes of `[-a-z0-9]`. Names of namespaces, containers. */
export function dns1123Label(value: string): string[] {
  const errors: string[] = [];
  if (byteLength(value) > 63) errors.push("must be no more than 63 characters");
  if (DNS1123_LABEL_PATTERN.test(value)) return errors;
  errors.push(
    DNS1123_SUBDOMAIN_PATTERN.test(value)
      ? "must not contain dots"
      : mustMatch(
          "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
          DNS1123_LABEL,
          "my-name",
          "123-abc",
        ),
  );
  return errors;
}

/** RFC 1035 label: as {@link dns1123Label}, but beginning with a letter. Names of services, kinds in lower case. */
export function dns1035Label(value: string): string[] {
  const errors: string[] = [];
  if (byteLength(value) > 63) errors.push("must be no more than 63 characters");
  if (!DNS1035_LABEL_PATTERN.test(value)) {
    errors.push(
      mustMatch(
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
        DNS1035_LABEL,
        "my-name",
        "abc-123",
      ),
    );
  }
  return errors;
}

/** `[prefix/]name`: keys of labels and annotations, finalizers. */
export function qualifiedName(value: string): string[] {
  const parts = value.split("/", 3);
  const mustBeName = mustMatch(MUST_BE_ALPHANUMERIC, QUALIFIED_NAME, "MyName", "my.name", "123-abc");
  if (parts.length > 2) {
    return [
      `a valid label key ${mustBeName} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const errors: string[] = [];
  const name = parts[parts.length - 1] as string;
  if (parts.length === 2) {
    const prefix = parts[0] as string;
    if (prefix === "") errors.push("prefix part must be non-empty");
    else for (const message of subdomain(prefix, "bytes")) errors.push(`prefix part ${message}`);
  }
  if (name === "") errors.push("name part must be non-empty");
  else if (byteLength(name) > 63) errors.push("name part must be no more than 63 bytes");
  if (!QUALIFIED_NAME_PATTERN.test(name)) errors.push(`name part ${mustBeName}`);
  return errors;
}

/** The value of a label: empty, or at most 63 bytes that begin and end alphanumerically. */
export function labelValue(value: string): string[] {
  const errors: string[] = [];
  if (byteLength(value) > 63) errors.push("must be no more than 63 bytes");
  if (value !== "" && !QUALIFIED_NAME_PATTERN.test(value)) {
    errors.push(
      mustMatch(
        `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`,
        LABEL_VALUE,
        "MyValue",
        "my_value",
        "12345",
      ),
    );
  }
  return errors;
}

/** What may not stand in any name, since names are segments of paths. Neither length nor emptiness is checked. */
export function pathSegment(value: string): string[] {
  if (value === "." || value === "..") return [`may not be '${value}'`];
  return pathSegmentPrefix(value);
}

/** {@link pathSegment} for the beginning of a generated name. */
function pathSegmentPrefix(value: string): string[] {
  const errors: string[] = [];
  for (const illegal of ["/", "%"]) if (value.includes(illegal)) errors.push(`may not contain '${illegal}'`);
  return errors;
}

/**
 * The rule a generateName has to obey: the name rule, with room for a random suffix.
 *
 * A trailing dash, and what stands before it, is replaced before the rule runs, because a suffix will follow.
 */
export function ruleForPrefix(rule: NameRule): NameRule {
  if (rule === pathSegment) return pathSegmentPrefix;
  return (value) => rule(value.length > 1 && value.endsWith("-") ? `${value.slice(0, -2)}a` : value);
}
