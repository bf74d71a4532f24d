/** A repository at GitHub whose issues are written, closed and deleted; and the event of a webhook, as a function is given it. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { headersFor } from "./github.ts";

export interface Issue {
  title: string;
  state: "open" | "closed";
  updated: string;
}

/** @param now its clock, in ms */
export async function openRepository(now: () => number) {
  const issues = new Map<number, Issue | null>();
  const home = () => `${url}/repos/acme/app`;
  const shown = (number: number, { title, state, updated }: Issue) => ({
    ...{ id: number, number, title, state, url: `${home()}/issues/${number}` },
    ...{ created_at: "2026-01-01T00:00:00Z", updated_at: updated },
  });
  const answerTo = (path: string, query: URLSearchParams): [number, unknown] => {
    if (path === "/repos/acme/app") return [200, { id: 7, full_name: "acme/app", url: home() }];
    if (path === "/repos/acme/app/issues") {
      const since = query.get("since") ?? "";
      const all = [...issues].flatMap(([number, issue]) => (issue ? [shown(number, issue)] : []));
      const found = all.filter((issue) => issue.updated_at >= since);
      return [200, found.sort((a, b) => (a.updated_at < b.updated_at ? -1 : 1))];
    }
    const number = Number(/^\/repos\/acme\/app\/issues\/(\d+)$/.exec(path)?.[1]);
    const issue = issues.get(number);
    if (issue === null) return [410, { message: "This issue was deleted" }];
    return issue ? [200, shown(number, issue)] : [404, { message: "Not Found" }];
  };
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://x");
    const [status, body] = answerTo(pathname, searchParams);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    put(number: number, title: string, state: Issue["state"]) {
      const updated = `${new Date(now()).toISOString().slice(0, 19)}Z`;
      issues.set(number, { title, state, updated });
    },
    remove: (number: number) => void issues.set(number, null),
    /** What there is, as a table of it would say. */
    truth: () =>
      [...issues]
        .flatMap(([number, issue]) => (issue ? [{ id: `${number}`, title: issue.title, state: issue.state }] : []))
        .sort((a, b) => Number(a.id) - Number(b.id)),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A function URL's event (payload format 2.0): the body is in base64 where it is no text. */
export function eventOf(number: number, action: string) {
  const body = Buffer.from(
    `{"action":"${action}", "issue":{"number":${number}},"repository":{"full_name":"acme/app"}}\r\n`,
  );
  const inBase64 = number % 2 === 0;
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: "/webhooks/github",
    rawQueryString: "",
    headers: { ...headersFor(body), "x-forwarded-proto": "https" },
    requestContext: {
      ...{ accountId: "anonymous", apiId: "x", domainName: "x.lambda-url.eu-west-1.on.aws", stage: "$default" },
      http: {
        method: "POST",
        path: "/webhooks/github",
        protocol: "HTTP/1.1",
        sourceIp: "192.0.2.1",
        userAgent: "GitHub",
      },
    },
    body: body.toString(inBase64 ? "base64" : "utf8"),
    isBase64Encoded: inBase64,
  };
}

/** A schedule's event. */
export const scheduled = (now: number) => ({
  ...{ version: "0", source: "aws.events", "detail-type": "Scheduled Event", account: "123456789012" },
  ...{ region: "eu-west-1", time: new Date(now).toISOString(), resources: [], detail: {} },
});
