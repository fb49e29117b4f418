import assert from "node:assert/strict";
import { test } from "node:test";
import { isKnownFormat, stringFormat } from "./string-formats.ts";

/** What k8s.io/kube-openapi's strfmt registry (of apiextensions-apiserver 0.37.2) answers. */
const CASES: Readonly<Record<string, { readonly accepts: readonly string[]; readonly refuses: readonly string[] }>> = {
  uri: {
    accepts: [
      "/",
      "/a b",
      "//h",
      "///x",
      "http://x",
      "http://",
      "http:x",
      "x:",
      "x:y",
      "http://[::1]/",
      "http://[::1]:80",
      "http://u:p@h",
      "http://u@h@i",
      "http://h/%41",
      "http://%e4/",
      "*",
      "urn:x:y",
      "http://h?q#f",
      "http://[fe80::1%25en0]/",
      "http://h<x>",
      "mailto:a@b",
      "http://\u00e4/",
      "/path?x=%zz",
      "//",
      "http://:80",
      "http://h:",
    ],
    refuses: [
      "",
      "a",
      "1x:y",
      ":a",
      "http://a b/",
      "http://[::1",
      "http://a:b",
      "http://a:80:90/",
      "http://h/%zz",
      "http://%41/",
      "a b",
      "http://[g]/",
      "http://[1.2.3.4]/",
      "http://h^",
      "http://h\u0001",
      "./a",
      "http://[]",
    ],
  },
  email: {
    accepts: [
      "a@b",
      "a@b.c",
      "a.b@c",
      '"a b"@c',
      "A <a@b>",
      '"A" <a@b>',
      "<a@b>",
      "A B. C <a@b>",
      "a@[1.2.3.4]",
      "a@[::1]",
      "a@b (c)",
      "a@ b",
      " a@b ",
      "\u00e4@\u00f6",
      "a@-b",
      "A<a@b>",
      "=?utf-8?q?x?= <a@b>",
      '" " <a@b>',
    ],
    refuses: [
      "a",
      ".a@c",
      "a.@c",
      "a..b@c",
      "a b@c",
      '""@c',
      "a@[x]",
      "(c) a@b",
      "a@b,c@d",
      "A <a@b> x",
      "a@b>",
      "x<a@b",
      "a@b.",
      "@b",
      "a@",
      '""',
      "a(c)@b",
      "a<>",
      "<>",
      "a@b\n",
      "a,b <c@d>",
      "a:b <c@d>",
    ],
  },
  hostname: {
    accepts: [
      "a",
      "a-",
      "a-b",
      "my-host.example",
      "ok.example.com",
      "a.bc",
      "1.bc",
      "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
      "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.com",
      "\u00e4.de",
      "\u2603.com",
      "b\u00fccher.example",
      "localhost",
      "1",
      "a1.co",
      "ab-c.de",
    ],
    refuses: [
      "",
      "-a",
      "my-host",
      "a.b",
      "a.b1",
      "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
      "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.com",
      "a..bc",
      "under_score",
      "a.\u2603\u2603",
      "a--b",
      "ab-",
      "a.bc.",
      "12.34",
      "example.c-m",
      "ab-.de",
    ],
  },
  ipv4: {
    accepts: ["1.2.3.4", "01.2.3.4", "::ffff:1.2.3.4", "0001.2.3.4", "::1.2.3.4", "::01.2.3.4"],
    refuses: ["1.2.3", "1.2.3.4.5", "256.1.1.1", "::1", "1.2.3.4 ", "a.b.c.d", "1..2.3", "fe80::1%en.0"],
  },
  ipv6: {
    accepts: [
      "::",
      "::1",
      "1::",
      "1:2:3:4:5:6:7:8",
      "1:2:3:4:5:6:7::",
      "::2:3:4:5:6:7:8",
      "::ffff:1.2.3.4",
      "::1.2.3.4",
      "1:2:3:4:5:6:1.2.3.4",
    ],
    refuses: [
      "1:2:3:4:5:6:7",
      "1::2::3",
      ":1",
      "1:",
      "12345::",
      "1.2.3.4",
      "1:2:3:4:5:6:7:1.2.3.4",
      "::01.2.3.4",
      "fe80::1%en0",
      "g::",
      ":::",
      "1:2:3:4:5:6:7:8:9",
      "1.2.3.4::",
    ],
  },
  cidr: {
    accepts: ["1.2.3.4/8", "1.2.3.4/08", "::/0", "::/128", "01.2.3.4/8", "::ffff:1.2.3.4/100"],
    refuses: ["1.2.3.4/33", "1.2.3.4/", "/8", "::/129", "::1", "1.2.3.4/-1", "1.2.3.4/8/9", "1.2.3.4/ 8", "1.2.3/8"],
  },
  mac: {
    accepts: [
      "00:00:5e:00:53:01",
      "02:00:5e:10:00:00:00:01",
      "00-00-5e-00-53-01",
      "0000.5e00.5301",
      "0200.5e10.0000.0001",
      "00005e005301",
      "01:23:45:67:89:ab:cd:ef:00:00:01:23:45:67:89:ab:cd:ef:00:00",
    ],
    refuses: ["00:00:5e:00:53", "00:00-5e:00:53:01", "g0:00:5e:00:53:01", ""],
  },
  uuid: {
    accepts: ["00000000-0000-0000-0000-000000000000", "00000000000000000000000000000000"],
    refuses: ["x", "0000000-00000-0000-0000-000000000000"],
  },
  isbn: { accepts: ["0321751043", "978-0321751041", "0-321-75104-3", "080442957X"], refuses: ["9780321751042", ""] },
  creditcard: { accepts: ["4111 1111 1111 1111", "x4111-1111-1111-1111y"], refuses: ["4111111111111112", ""] },
  ssn: { accepts: ["111-11-1111", "111 11 1111"], refuses: ["111111111", "111-111111", ""] },
  hexcolor: { accepts: ["#fff", "fff", "#ffffff"], refuses: ["#ffff", "ggg", ""] },
  rgbcolor: {
    accepts: ["rgb(1,2,3)", "rgb( 1 , 2 , 3 )", "rgb(19,100,199)"],
    refuses: ["rgb(256,0,0)", "rgb(1,2)", "rgb(01,2,3)"],
  },
  byte: {
    accepts: ["abcd", "abc=", "ab=="],
    refuses: ["", "a", "ab", "abc", "a===", "ab=c", "a b=", "_-==", "====", "abcd====", "Zm9v\n"],
  },
  date: {
    accepts: ["2024-02-29", "2000-02-29", "0000-01-01"],
    refuses: [
      "2024-02-30",
      "2023-02-29",
      "1900-02-29",
      "24-1-1",
      "2024-13-01",
      "2024-00-10",
      "2024-01-00",
      " 2024-01-01",
      "2024-01-01 ",
      "2024-04-31",
    ],
  },
  duration: {
    accepts: [
      "0",
      "-0",
      "+5s",
      "5s",
      ".5s",
      "5.s",
      "1h30m",
      "1h 30m",
      "-1d",
      "2 days",
      "5 min",
      "P1D",
      "9223372036854775807ns",
      "300000h",
      "3000000h",
      "1s1",
      "5\u00b5s",
      "5\u03bcs",
      "1weeks",
      "3 secs",
      "3 S",
      "3MS",
      "1e3s",
      "x 5 m",
      "1ns2d",
    ],
    refuses: [
      "",
      "5",
      ".s",
      "1 fortnight",
      "1x",
      "w1",
      "10000000000000000000s",
      "3 hrs",
      "5 mo",
      "5 months",
      "2 years",
    ],
  },
  "date-time": {
    accepts: [
      "2024-01-02T03:04:05Z",
      "2024-01-02t03:04:05z",
      "2024-01-02T03:04:05.1Z",
      "2024-01-02T03:04:05x1Z",
      "2024-01-02T03:04:05+25:99",
      "2024-01-02T03:04:05ZT",
      "2024-01-02T03:04:05,5Z",
    ],
    refuses: [
      "2024-01-02 03:04:05Z",
      "2024-01-02T03:04:60Z",
      "2024-01-02T24:04:05Z",
      "2024-01-02T03:04:05",
      "T",
      "2024-01-02T03:04:05.Z",
      "2024-02-30T03:04:05Z",
    ],
  },
  "k8s-short-name": {
    accepts: ["a", "a-b", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"],
    refuses: ["A", "a-", "-a", "", "a.b", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"],
  },
  "k8s-long-name": { accepts: ["a", "a.b"], refuses: ["a..b", ".a", "a.", "", "a-.b", "A.b"] },
  bsonobjectid: {
    accepts: ["507f1f77bcf86cd799439011", "507F1F77BCF86CD799439011"],
    refuses: ["507f1f77bcf86cd79943901", "g07f1f77bcf86cd799439011"],
  },
  password: { accepts: ["", "x"], refuses: [] },
};

for (const [name, { accepts, refuses }] of Object.entries(CASES)) {
  test(`format ${name} accepts and refuses what the registry of the original does`, () => {
    const check = stringFormat(name);
    assert.ok(check);
    assert.deepEqual(
      accepts.filter((value) => !check(value)),
      [],
    );
    assert.deepEqual(
      refuses.filter((value) => check(value)),
      [],
    );
  });
}

test("stringFormat() ignores dashes in names and knows nothing of numbers", () => {
  assert.equal(stringFormat("date-time"), stringFormat("datetime"));
  assert.equal(stringFormat("int32"), undefined);
  assert.equal(stringFormat("no-such-format"), undefined);
  assert.equal(stringFormat("__proto__"), undefined);
});

test("isKnownFormat() binds a format to the types it has a meaning for", () => {
  assert.equal(isKnownFormat("string", "date"), true);
  assert.equal(isKnownFormat("", "date"), true);
  assert.equal(isKnownFormat("integer", "date"), false);
  assert.equal(isKnownFormat("integer", "int32"), true);
  assert.equal(isKnownFormat("string", "int32"), false);
  assert.equal(isKnownFormat("number", "double"), true);
  assert.equal(isKnownFormat("object", "date"), false);
});

test("every format answers texts of a megabyte within a second", () => {
  const hostile = ["a", "-", ".", "1", ":", " ", "a.", "(", '"', "%", "1s", "é"].map((text) =>
    text.repeat(1_000_000 / text.length),
  );
  for (const name of Object.keys(CASES)) {
    for (const text of hostile) {
      const begin = performance.now();
      stringFormat(name)?.(text);
      assert.ok(performance.now() - begin < 1_000, `${name} took too long for ${text.slice(0, 4)}`);
    }
  }
});
