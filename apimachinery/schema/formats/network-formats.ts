// Addresses as Go's net package reads them. IPv4 and CIDR tolerate leading zeros, as the API always has.

/** An IPv4 address, or an IPv6 address written with a dotted tail. */
export function isIpv4(value: string): boolean {
  return value.includes(".") && (isDottedQuad(value, true) || isIpv6Text(value, true));
}

/** An IPv6 address without a zone. */
export function isIpv6(value: string): boolean {
  return value.includes(":") && isIpv6Text(value, false);
}

/** `address/length` of either family. The bits after the prefix may be set. */
export function isCidr(value: string): boolean {
  const slash = value.indexOf("/");
  if (slash < 0) return false;
  const address = value.slice(0, slash);
  const max = isDottedQuad(address, true) ? 32 : isIpv6Text(address, true) ? 128 : -1;
  const length = value.slice(slash + 1);
  return max >= 0 && length.length <= 16 && /^[0-9]+$/.test(length) && Number(length) <= max;
}

/** EUI-48, EUI-64 or a 20-octet InfiniBand address, in colons, dashes, dotted groups of four digits, or plain. */
export function isMac(value: string): boolean {
  if (value.length > 59) return false;
  if (/^(?:[0-9a-fA-F]{12}|[0-9a-fA-F]{16}|[0-9a-fA-F]{40})$/.test(value)) return true;
  if (/^[0-9a-fA-F]{2}(?:([:-])[0-9a-fA-F]{2})(?:\1[0-9a-fA-F]{2})*$/.test(value)) {
    const octets = (value.length + 1) / 3;
    return octets === 6 || octets === 8 || octets === 20;
  }
  if (!/^[0-9a-fA-F]{4}(?:\.[0-9a-fA-F]{4})+$/.test(value)) return false;
  const groups = (value.length + 1) / 5;
  return groups === 3 || groups === 4 || groups === 10;
}

function isDottedQuad(value: string, leadingZeros: boolean): boolean {
  let octets = 1;
  let octet = 0;
  let digits = 0;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code >= 0x30 && code <= 0x39) {
      if (digits === 1 && octet === 0 && !leadingZeros) return false;
      octet = octet * 10 + code - 0x30;
      digits++;
      if (octet > 255) return false;
    } else if (code === 0x2e && digits > 0 && octets < 4) {
      octets++;
      octet = 0;
      digits = 0;
    } else return false;
  }
  return octets === 4 && digits > 0;
}

function isIpv6Text(value: string, leadingZeros: boolean): boolean {
  if (value.length > 100 && !leadingZeros) return false;
  const gap = value.indexOf("::");
  if (gap < 0) return countGroups(value, leadingZeros) === 8;
  if (value.indexOf("::", gap + 1) >= 0) return false;
  const before = value.slice(0, gap);
  const after = value.slice(gap + 2);
  const head = before === "" ? 0 : countGroups(before, leadingZeros, false);
  const tail = after === "" ? 0 : countGroups(after, leadingZeros);
  return head >= 0 && tail >= 0 && head + tail <= 7;
}

/** Groups of 16 bits in a text without gaps; -1 if it is malformed. A dotted tail counts two. */
function countGroups(text: string, leadingZeros: boolean, mayEndDotted = true): number {
  const groups = text.split(":", 9);
  if (groups.length > 8) return -1;
  let count = 0;
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i] as string;
    if (/^[0-9a-fA-F]{1,4}$/.test(group)) count += 1;
    else if (mayEndDotted && i === groups.length - 1 && isDottedQuad(group, leadingZeros)) count += 2;
    else return -1;
  }
  return count;
}
