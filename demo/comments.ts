/**
 * The emulated GitHub does not serve the list of all comments in a repository (`GET /repos/…/issues/comments`: it takes
 * "comments" for the number of an issue). Here the list is put together from those of the issues.
 * @module
 */
import type { Octokit } from "@octokit/rest";

type Comment = Awaited<ReturnType<Octokit["issues"]["listComments"]>>["data"][number];

/** Which comments are asked for, in which order, which page: what GitHub's list understands. */
export function pageOf(comments: readonly Comment[], query: URLSearchParams): Comment[] {
  const since = Date.parse(query.get("since") ?? "1970-01-01");
  const order = query.get("sort") === "updated" ? "updated_at" : "created_at";
  const size = Number(query.get("per_page") ?? 30);
  const page = Number(query.get("page") ?? 1);
  const wanted = comments.filter((comment) => Date.parse(comment.updated_at) >= since);
  return wanted
    .sort((a, b) => Date.parse(a[order]) - Date.parse(b[order]) || a.id - b.id)
    .slice((page - 1) * size, page * size);
}

/** @param inner another client of the same emulator: what it asks is not counted as asked by the first */
export function serveComments(octokit: Octokit, inner: Octokit): void {
  octokit.hook.wrap("request", async (request, options) => {
    const url = new URL(octokit.request.endpoint(options).url);
    const [, owner = "", repo = ""] = /^\/repos\/([^/]+)\/([^/]+)\/issues\/comments$/.exec(url.pathname) ?? [];
    if (owner === "" || options.method !== "GET") return request(options);
    const issues = await inner.paginate(inner.issues.listForRepo, { owner, repo, state: "all", per_page: 100 });
    const some = issues.filter(({ comments }) => comments > 0);
    const lists = some.map(({ number: issue_number }) =>
      inner.paginate(inner.issues.listComments, { owner, repo, issue_number, per_page: 100 }),
    );
    const comments = (await Promise.all(lists)).flat();
    const next = new URL(url);
    next.searchParams.set("page", String(Number(url.searchParams.get("page") ?? 1) + 1));
    const more = pageOf(comments, next.searchParams).length > 0;
    const headers = more ? { link: `<${next.href}>; rel="next"` } : {};
    return { status: 200, url: url.href, headers, data: pageOf(comments, url.searchParams) };
  });
}
