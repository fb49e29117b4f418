import assert from "node:assert/strict";
import { test } from "node:test";
import { bindingChanges, desiredBindings, membersOf } from "./team-bindings.ts";

const roles = (bindings: ReturnType<typeof desiredBindings>) =>
  bindings.map((b) => {
    const { subjects, roleRef } = b as unknown as { subjects: { name: string }[]; roleRef: { name: string } };
    return [subjects[0]?.name, roleRef.name];
  });

test("an admin gets admin, an operator edit, a viewer view: nobody gets more than the role says", () => {
  const members = membersOf({
    users: [
      { name: "ann@example.com", role: "admin" },
      { name: "oto@example.com", role: "operator" },
      { name: "vic@example.com", role: "viewer" },
      { name: "def@example.com" },
    ],
    groups: [{ name: "Ops", role: "operator" }],
  });
  assert.deepEqual(roles(desiredBindings("acme", "acme", members)), [
    ["ann@example.com", "admin"],
    ["oto@example.com", "edit"],
    ["vic@example.com", "view"],
    ["def@example.com", "view"],
    ["Ops", "edit"],
  ]);
});

test("names that differ in signs alone get two bindings", () => {
  const members = membersOf({ users: [{ name: "a.b@x.org" }, { name: "a-b@x.org" }] });
  const names = desiredBindings("acme", "acme", members).map((b) => b.metadata.name as string);
  assert.equal(new Set(names).size, 2);
  for (const name of names) assert.match(name, /^butler-team-user-a-b-x-org-[0-9a-f]{10}$/);
});

test("a person named twice has the stronger role, once, whatever the case", () => {
  const members = membersOf({ users: [{ name: "Ann@Example.com" }, { name: "ann@example.com", role: "admin" }] });
  assert.deepEqual(members, [{ kind: "User", name: "Ann@Example.com", role: "admin" }]);
});

test("a changed role is another binding, and the old one goes", () => {
  const before = desiredBindings("acme", "acme", membersOf({ users: [{ name: "ann@example.com", role: "admin" }] }));
  const after = desiredBindings("acme", "acme", membersOf({ users: [{ name: "ann@example.com", role: "viewer" }] }));
  const changes = bindingChanges(after, before);
  assert.deepEqual(changes.create, after);
  assert.deepEqual(
    changes.remove,
    before.map((b) => b.metadata.name),
  );
  assert.deepEqual(bindingChanges(after, after), { create: [], remove: [] });
});

test("an environment strengthens members of the team and lets nobody else in", () => {
  const members = membersOf(
    { users: [{ name: "ann@example.com", role: "viewer" }] },
    {
      users: [
        { name: "ANN@example.com", role: "admin" },
        { name: "eve@example.com", role: "admin" },
      ],
    },
  );
  assert.deepEqual(members, [{ kind: "User", name: "ann@example.com", role: "admin" }]);
});

test("a name without any plain letter still makes a valid one", () => {
  const [binding] = desiredBindings("acme", "acme", membersOf({ groups: [{ name: "команда" }] }));
  assert.match(binding?.metadata.name as string, /^butler-team-group-[0-9a-f]{10}$/);
});
