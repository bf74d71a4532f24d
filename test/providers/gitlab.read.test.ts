/** Reads: what is found, what an absence is worth, and how lists go on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AccessLost, type Page } from "tidemark";
import { type Asked, api, contextOf, fixture, page, plugin, TYPES } from "./gitlab.kit.ts";

const project = contextOf("7");
const group = contextOf("group/3");
const idsOf = ({ items, refs }: Page<object>) =>
  items ? items.map((one) => (one as { iid: number }).iid) : refs.map(({ id }) => id);

test("recorded objects have their ids", () => {
  const { resources } = plugin();
  const idOf = (type: (typeof TYPES)[number], path: string) => resources[type].id(fixture(path) as never);
  assert.equal(idOf("issue", "gitlab4j/issue.json"), "1");
  assert.equal(idOf("merge_request", "gitlab4j/merge-request.json"), "1");
  assert.equal(idOf("pipeline", "gitlab4j/pipeline.json"), "46");
  assert.equal(idOf("job", "gitlab4j/job.json"), "7");
  assert.equal(idOf("branch", "gitlab4j/branch.json"), "master");
  assert.equal(idOf("project", "gitlab4j/project.json"), String(fixture("gitlab4j/project.json").id));
  const [note] = fixture("api-goscm/merge_notes.json");
  assert.equal(resources.merge_request_note.id(note), "2/301");
  assert.equal(resources.snippet_note.id(fixture("gitlab4j/note.json")), "52/1659");
  assert.equal(
    resources.release.id(fixture("gitlab4j/releases.json")[0]),
    fixture("gitlab4j/releases.json")[0].tag_name,
  );
});

test("ids are encoded in paths, and what can be no part of a path is not asked for", async () => {
  const urls: string[] = [];
  const fetch = async ({ url }: Request) => {
    urls.push(new URL(url).pathname);
    return Response.json({ name: "fix/a b", slug: "docs/a", tag_name: "v1?", noteable_iid: 5, id: 6 });
  };
  const { resources } = plugin({ fetch });
  assert.ok(await resources.branch.fetch("fix/a b", project));
  assert.ok(await resources.wiki_page.fetch("docs/a", project));
  assert.ok(await resources.release.fetch("v1?", project));
  assert.ok(await resources.issue_note.fetch("5/6", project));
  const root = "/api/v4/projects/7/";
  assert.deepEqual(
    urls.splice(0),
    ["repository/branches/fix%2Fa%20b", "wikis/docs%2Fa", "releases/v1%3F", "issues/5/notes/6"].map(
      (one) => root + one,
    ),
  );
  for (const id of ["", ".", ".."]) assert.equal(await resources.branch.fetch(id, project), null);
  for (const id of ["6", "66", "/6", "5/", "5/.."]) assert.equal(await resources.issue_note.fetch(id, project), null);
  assert.deepEqual(urls, []);
});

test("where a type is not, nothing is asked", async () => {
  const { fetch, asked } = api(() => undefined);
  const { resources, feeds, probe } = plugin({ fetch });
  for (const type of TYPES) {
    const isProject = !/^(group|subgroup|epic|user)/.test(type);
    const elsewhere = isProject ? group : project;
    assert.equal(await resources[type].fetch("1", elsewhere), null, type);
    const listed = await resources[type].list?.(null, elsewhere);
    assert.deepEqual(listed ?? { items: [], next: null }, { items: [], next: null }, type);
    await probe?.(type, elsewhere);
  }
  for (const name of ["issues", "jobs", "pushes"]) {
    assert.deepEqual(await feeds?.[name]?.poll(null, group), { hints: [], cursor: null }, name);
  }
  assert.equal(await resources.project.fetch("8", project), null, "a project is in its own scope alone");
  assert.deepEqual(asked, []);
});

test("what was moved elsewhere is not here any more", async () => {
  const answers: Record<string, object> = {
    "projects/5": { id: 5, namespace: { id: 3 } },
    "projects/6": { id: 6, namespace: { id: 4 } },
    "groups/5": { id: 5, parent_id: 3 },
    "groups/6": { id: 6, parent_id: null },
    "vulnerabilities/5": { id: 5, project: { id: 7 } },
    "vulnerabilities/6": { id: 6, project: { id: 8 } },
  };
  const { fetch } = api(({ path }) => answers[path]);
  const { resources } = plugin({ fetch });
  for (const [type, context] of [
    ["group_project", group],
    ["subgroup", group],
    ["vulnerability", project],
  ] as const) {
    assert.ok(await resources[type].fetch("5", context), type);
    assert.equal(await resources[type].fetch("6", context), null, type);
  }
});

test("many issues are read in one request, to the last page of its answer", async () => {
  const { fetch, asked } = api(({ query }) =>
    query.get("page") === "2" ? page([{ iid: 9 }]) : page([{ iid: 3 }, { iid: 1 }], "page=2"),
  );
  const states = await plugin({ fetch }).resources.issue.fetchMany?.(["1", "2", "3", "x", "9"], project);
  assert.deepEqual(states, [{ iid: 1 }, null, { iid: 3 }, null, { iid: 9 }]);
  assert.deepEqual(asked[0]?.query.getAll("iids[]"), ["1", "2", "3", "9"]);
  assert.equal(asked[0]?.query.get("per_page"), "100");
});

/** Five issues, made at these seconds; GitLab gives two a page. */
const rows = [1, 1, 1, 2, 3].map((second, i) => ({ iid: i + 1, created_at: `2026-01-01T00:00:0${second}.000Z` }));
function byRows({ query }: Asked): Response {
  const found = rows.filter(({ created_at }) => created_at >= (query.get("created_after") ?? ""));
  const begin = (Number(query.get("page") ?? 1) - 1) * 2;
  const next = new URLSearchParams(query);
  next.set("page", String(begin / 2 + 2));
  return page(found.slice(begin, begin + 2), begin + 2 < found.length ? next.toString() : undefined);
}

test("a list that counts rows goes on from the time of the last, and counts only within one instant", async () => {
  const { fetch, asked } = api(byRows);
  const { list } = plugin({ fetch }).resources.merge_request;
  const found: unknown[] = [];
  let next: string | null = null;
  do {
    const one: Page<object> = (await list?.(next, project)) ?? assert.fail();
    found.push(...idsOf(one));
    next = one.next;
  } while (next !== null);
  assert.deepEqual(new Set(found), new Set(["1", "2", "3", "4", "5"]));
  assert.deepEqual(
    asked.map(({ query }) => `${query.get("created_after")?.slice(17, 19) ?? "-"} ${query.get("page") ?? 1}`),
    ["- 1", "01 1", "01 2", "02 1"],
  );
  for (const { query } of asked) {
    assert.deepEqual([query.get("order_by"), query.get("sort"), query.get("scope")], ["created_at", "asc", "all"]);
  }
});

test("a list that is paged by a key follows GitLab's link, on the address that was configured", async () => {
  const urls: string[] = [];
  const fetch = async ({ url }: Request) => {
    urls.push(url);
    const last = url.includes("cursor=abc");
    return page(
      [{ id: 1, iid: 1, created_at: "2026-01-01T00:00:01.000Z" }],
      last ? undefined : "cursor=abc&per_page=100",
    );
  };
  const { resources } = plugin({ fetch });
  for (const type of ["issue", "job"] as const) {
    const first = (await resources[type].list?.(null, project)) ?? assert.fail();
    assert.equal(first.next, "cursor=abc&per_page=100");
    assert.equal((await resources[type].list?.(first.next, project))?.next, null);
    const [begin, end] = urls.splice(0);
    assert.equal(new URL(begin ?? "").searchParams.get("pagination"), "keyset");
    assert.equal(end, `https://gitlab.com/api/v4/projects/7/${type}s?cursor=abc&per_page=100`);
  }
});

test("of the links of a page only that to the next is followed, wherever it stands", async () => {
  const links = ["first", "next", "last"].map((rel) => `<https://x.example/a,b?page=${rel}>; rel="${rel}"`);
  for (const [link, next] of [
    [links.join(", "), "page=next"],
    [links.toReversed().join(","), "page=next"],
    ['<https://x.example/?page=2>;title="a"; rel=next', "page=2"],
    [`${links[0]}, ${links[2]}`, null],
    ["<".repeat(1_000), null],
    ["", null],
    ['<https://x.example/>; rel="next"', null],
  ] as const) {
    const { fetch } = api(() => Response.json([], { headers: { link } }));
    assert.equal((await plugin({ fetch }).resources.label.list?.(null, project))?.next, next, link);
  }
});

test("how many there are is what GitLab counts on the first page; later ones may count what is left", async () => {
  const counted = (total: string) => Response.json([], { headers: { "x-total": total, link: "" } });
  const totals: Record<string, unknown> = {};
  for (const text of ["432", "0", "", "many"]) {
    const { list } = plugin({ fetch: api(() => counted(text)).fetch }).resources.merge_request;
    totals[text] = (await list?.(null, project))?.total;
    assert.equal((await list?.("page=2", project))?.total, undefined);
  }
  assert.deepEqual(totals, { "432": 432, "0": 0, "": undefined, many: undefined });
});

test("a list without what fetch gives names what is there, with its version", async () => {
  const at = "2026-01-01T00:00:01.000Z";
  const { fetch } = api(() => [{ id: 8, iid: 2, updated_at: at, created_at: at, slug: "home", project_id: 7 }]);
  const { resources } = plugin({ fetch });
  const refs = async (type: "merge_request" | "pipeline" | "wiki_page") =>
    (await resources[type].list?.(null, project))?.refs;
  assert.deepEqual(await refs("merge_request"), [{ id: "2", version: Date.parse(at) }]);
  assert.deepEqual(await refs("pipeline"), [{ id: "8", version: Date.parse(at) }]);
  assert.deepEqual(await refs("wiki_page"), [{ id: "home" }]);
});

test("a list that is not there is lost access, not an empty list", async () => {
  const { fetch } = api(() => undefined);
  const { resources } = plugin({ fetch });
  for (const type of ["project", "issue", "wiki_page"] as const) {
    await assert.rejects(async () => resources[type].list?.(null, project), AccessLost, type);
  }
});

/** An API in which all is there, but for what is said otherwise. */
const around = (more: Record<string, unknown>) =>
  api(({ path }) => {
    if (path in more) return more[path];
    if (path === "projects/7" || path === "groups/3") return { id: Number(path.split("/")[1]) };
    if (path === "user") return { id: 4, is_admin: false };
    return /members\/all\/4$/.test(path) ? { id: 4, access_level: 20 } : [];
  });
const probed = (more: Record<string, unknown>, type: (typeof TYPES)[number], context = project) =>
  plugin({ fetch: around(more).fetch }).probe?.(type, context);

test("an absence is believed while the project is there, its list can be read, and nothing is hidden", async () => {
  await probed({}, "issue");
  await probed({}, "issue_note");
  await probed({}, "group_project", group);
  const member = "projects/7/members/all/4";
  for (const [why, more] of Object.entries({
    "the project is not shown": { "projects/7": undefined },
    "issues are switched off": { "projects/7/issues": undefined },
    "issues are not allowed": { "projects/7/issues": new Response("{}", { status: 403 }) },
    "the user is no member": { [member]: undefined },
    "a guest is not shown what is confidential": { [member]: { id: 4, access_level: 10 } },
    "the token is revoked": { user: new Response("{}", { status: 401 }) },
  })) {
    await assert.rejects(async () => probed(more, "issue"), AccessLost, why);
  }
  await probed({ [member]: undefined, user: { id: 4, is_admin: true } }, "issue");
  await assert.rejects(async () => probed({ "projects/7": { id: 8 } }, "issue"), /answers for 7 with what is none/);
});

test("what is not hidden from anyone needs no role", async () => {
  const none = { "projects/7/members/all/4": undefined, "groups/3/members/all/4": undefined };
  for (const type of ["label", "branch", "release", "project", "commit"] as const) await probed(none, type);
  await probed(none, "group_member", group);
  await assert.rejects(async () => probed(none, "subgroup", group), AccessLost);
  await assert.rejects(async () => probed(none, "snippet_note"), AccessLost);
});

test("only an administrator knows that a user is gone", async () => {
  const instance = contextOf("instance");
  await assert.rejects(async () => probed({}, "user", instance), AccessLost);
  await probed({ user: { id: 1, is_admin: true } }, "user", instance);
});

test("an answer that is none is not believed", async () => {
  const { fetch } = api(({ path }) => (path.endsWith("/2") ? { iid: 3 } : {}));
  const { resources } = plugin({ fetch });
  await assert.rejects(async () => resources.issue.fetch("1", project), /no id/);
  assert.equal(await resources.issue.fetch("2", project), null, "another issue");
});
