import assert from "node:assert/strict";
import { test } from "node:test";
import { compileAdmissionExpression } from "../admission-expressions.ts";

function evaluate(source: string): unknown {
  const compiled = compileAdmissionExpression(source);
  if ("error" in compiled) throw new Error(compiled.error);
  const outcome = compiled.program.evaluate({ object: null, oldObject: null, request: {} });
  return "error" in outcome ? `error: ${outcome.error}` : outcome.value;
}

const QUANTITY_FORM = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const NET = "network address parse error during conversion from string: ";

const CASES: Readonly<Record<string, readonly (readonly [string, unknown])[]>> = {
  strings: [
    ["'añb'.charAt(1) + 'a'.charAt(1)", "ñ"],
    ["'a'.charAt(2)", "error: index out of range: 2"],
    ["'a😀b'.indexOf('b')", 2],
    ["'abcabc'.indexOf('c', 3) * 10 + 'abcabc'.lastIndexOf('a')", 53],
    ["'abcabc'.lastIndexOf('a', 2)", 0],
    ["'ÄbC'.lowerAscii() + 'äBc'.upperAscii()", "ÄbcäBC"],
    ["'aaa'.replace('a', 'b', 2) + 'ab'.replace('', '-')", "bba-a-b-"],
    ["'a,b,c'.split(',', 2)", ["a", "b,c"]],
    ["'abc'.split('')", ["a", "b", "c"]],
    ["'hello'.substring(1, 3) + 'hello'.substring(4)", "elo"],
    ["'hello'.substring(3, 1)", "error: invalid substring range. start: 3, end: 1"],
    ["' \\t\\u00a0a b\\n'.trim()", "a b"],
    ["['a', 'b'].join() + ['a', 'b'].join('-')", "aba-b"],
    ["strings.quote('a\"b\\n')", '"a\\"b\\n"'],
    [
      "'%s|%d|%.2f|%e|%b|%x|%X|%o|%%'.format(['a', 5, 1.005, 1500.0, 5, 255, 'k', 8])",
      "a|5|1.00|1.500000e+03|101|ff|6B|10|%",
    ],
    ["'%s'.format([[1, 'a', 1.5, null, {'k': true}]])", '[1, "a", 1.500000, null, {"k":true}]'],
    ["'%d'.format(['a'])", "error: decimal clause can only be used on integers, was given string"],
    ["'%s %s'.format(['a'])", "error: index 1 out of range"],
  ],
  lists: [
    ["[1, 2, 2].isSorted() && !['b', 'a'].isSorted()", true],
    ["[1, 2].sum() + [duration('1s')].sum().getSeconds()", 4],
    ["[0.5, 1.0].max() - [0.5, 1.0].min()", 0.5],
    ["dyn([]).max()", "error: max called on empty list"],
    ["[1, 2, 1].indexOf(1) * 10 + [1, 2, 1].lastIndexOf(1)", 2],
    ["[1, 2, 3].slice(1, 3)", [2, 3]],
    ["[1].slice(0, 2)", "error: cannot slice(0, 2), list is length 1"],
    ["[[1], [2, 3]].flatten()", [1, 2, 3]],
    ["[3, 1, 2].sort()", [1, 2, 3]],
    ["[1, 2, 1].distinct()", [1, 2]],
    ["[1, 2].reverse()", [2, 1]],
    ["lists.range(3)", [0, 1, 2]],
  ],
  regex: [
    ["'abc 123 45'.find('[0-9]+')", "123"],
    ["'abc'.find('[0-9]+')", ""],
    ["'a1b2'.findAll('[0-9]')", ["1", "2"]],
    ["'a1b2'.findAll('[0-9]', 1)", ["1"]],
    ["'AbC'.matches('(?i)^abc$')", true],
    ["'a'.matches('(' + 'a')", "error: error parsing regexp: missing closing ): `(a`"],
  ],
  sets: [
    ["sets.contains([1, 2, 3], [2, 1]) && !sets.contains([1], [2])", true],
    ["sets.equivalent([1, 1, 2], [2, 1])", true],
    ["sets.intersects([1], [2])", false],
  ],
  url: [
    ["url('https://user@[::1]:80/a b?x=1&x=2&y=%20').getHost()", "[::1]:80"],
    ["url('https://[::1]:80/a b').getHostname() + url('https://[::1]:80/').getPort()", "::180"],
    ["url('/a b%2f').getEscapedPath()", "/a%20b/"],
    ["url('https://a/?x=1&x=2&y=%20').getQuery()", { x: ["1", "2"], y: [" "] }],
    ["isURL('/path') && !isURL('nope') && !isURL('')", true],
    ["url('nope')", 'error: URL parse error during conversion from string: parse "nope": invalid URI for request'],
    [
      "url('https://a:b/') == url('x')",
      'error: URL parse error during conversion from string: parse "https://a:b/": invalid port ":b" after host',
    ],
  ],
  quantity: [
    ["quantity('1Gi').isGreaterThan(quantity('1G')) && quantity('1').compareTo(quantity('1000m')) == 0", true],
    ["quantity('1.5').add(quantity('500m')).sub(1).asInteger()", 1],
    ["sign(quantity('-1')) + sign(quantity('0'))", -1],
    ["quantity('50k') == quantity('50000') && isQuantity('1e3') && !isQuantity('1.2.3')", true],
    ["quantity('1.5').asInteger()", "error: cannot convert value to integer"],
    ["quantity('x')", `error: ${QUANTITY_FORM}`],
    ["quantity('1mm')", "error: unable to parse quantity's suffix"],
    ["quantity('250m').asApproximateFloat()", 0.25],
  ],
  ip: [
    ["ip('2001:DB8:0:0::1') == ip('2001:db8::1') && string(ip('2001:DB8::1')) == '2001:db8::1'", true],
    ["ip('10.0.0.1').family() + ip('::').family()", 10],
    ["ip('::').isUnspecified() && ip('127.1.2.3').isLoopback() && ip('ff02::1').isLinkLocalMulticast()", true],
    [
      "ip('169.254.0.1').isLinkLocalUnicast() && ip('8.8.8.8').isGlobalUnicast() && !ip('fe80::1').isGlobalUnicast()",
      true,
    ],
    ["isIP('1.2.3.4') && isIP('::1') && !isIP('1.2.3') && !isIP('fe80::1%eth0') && !isIP('::ffff:1.2.3.4')", true],
    ["ip.isCanonical('2001:db8::1') && !ip.isCanonical('2001:DB8::1')", true],
    [
      "ip('010.0.0.1')",
      'error: IP Address "010.0.0.1" parse error during conversion from string: ParseAddr("010.0.0.1"): IPv4 field has octet with leading zero',
    ],
    ["ip('::ffff:10.0.0.1')", 'error: IPv4-mapped IPv6 address "::ffff:10.0.0.1" is not allowed'],
  ],
  cidr: [
    ["cidr('10.0.0.0/8').containsIP('10.1.0.1') && cidr('10.0.0.0/8').containsIP(ip('10.255.0.1'))", true],
    ["cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16') && !cidr('10.1.0.0/16').containsCIDR(cidr('10.0.0.0/8'))", true],
    ["string(cidr('10.1.2.3/12').masked()) + string(cidr('fd00::ff/120').masked())", "10.0.0.0/12fd00::/120"],
    ["cidr('10.1.2.3/16').prefixLength() + cidr('::/0').prefixLength()", 16],
    ["string(cidr('10.1.2.3/16').ip())", "10.1.2.3"],
    ["isCIDR('10.0.0.0/8') && !isCIDR('10.0.0.0') && !isCIDR('10.0.0.0/33') && !isCIDR('10.0.0.0/08')", true],
    ["cidr('x')", `error: ${NET}${NET}netip.ParsePrefix("x"): no '/'`],
  ],
  semver: [
    ["semver('1.2.3-rc.1').isLessThan(semver('1.2.3')) && semver('1.2.3+b') == semver('1.2.3')", true],
    ["semver('1.20.3').compareTo(semver('1.3.0')) + semver('4.5.6').minor() + semver('4.5.6').patch()", 12],
    ["isSemver('1.0.0') && !isSemver('v1.0') && isSemver('v1.0', true) && semver('v01.01', true).major() == 1", true],
    ["semver('v1.0.0')", 'error: Invalid character(s) found in major number "v1"'],
    ["semver('x')", "error: No Major.Minor.Patch elements found"],
    ["semver('1.01.0')", 'error: Minor number must not contain leading zeroes "01"'],
  ],
  format: [
    ["format.dns1123Label().validate('my-name').hasValue()", false],
    ["format.dns1123Label().validate('My').value().size()", 1],
    ["format.uri().validate('x y').value()", ['parse "x y": invalid URI for request']],
    ["format.named('uuid').value().validate('no').value()", ["does not match the UUID format"]],
    ["format.named('nothing').hasValue()", false],
    [
      "format.date().validate('2024-02-30').hasValue() && !format.datetime().validate('2024-02-28T00:00:00Z').hasValue()",
      true,
    ],
  ],
  math: [
    ["math.greatest(1, 2) + math.least([3, 4])", 5],
    ["math.round(-1.5) + math.ceil(0.1) + math.floor(0.9) + math.trunc(-1.9)", -2],
    ["math.abs(-3) + math.sign(-3) + math.bitXor(5, 1)", 6],
    ["math.sqrt(16.0) == 4.0 && math.isNaN(0.0 / 0.0) && math.isInf(1.0 / 0.0)", true],
  ],
};

for (const [library, cases] of Object.entries(CASES)) {
  for (const [source, expected] of cases) {
    test(`the ${library} library in ${source} gives ${JSON.stringify(expected)}`, () => {
      assert.deepEqual(evaluate(source), expected);
    });
  }
}
