/** What GitHub is to the examples: an API on a port of its own, and webhooks that it signs. */
import { createHmac, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export const SECRET = "a secret of the examples";
const created = "2026-01-01T00:00:00Z";

export interface GitHub {
  url: string;
  /** Writes an issue, as a person at GitHub does. */
  write(title: string): void;
  close(): void;
}

export async function openGitHub(): Promise<GitHub> {
  let title = "first";
  let revision = 0;
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://x");
    const home = `${url}/repos/acme/app`;
    const updated_at = new Date(Date.parse(created) + revision * 60_000).toISOString();
    const issue = { id: 1, number: 1, state: "open", title, url: `${home}/issues/1`, created_at: created, updated_at };
    const answers: Record<string, unknown> = {
      "/repos/acme/app": { id: 7, full_name: "acme/app", url: home, updated_at: created },
      "/repos/acme/app/issues": updated_at >= (searchParams.get("since") ?? "") ? [issue] : [],
      "/repos/acme/app/issues/1": issue,
    };
    const answer = answers[pathname];
    response.writeHead(answer ? 200 : 404, { "content-type": "application/json" });
    response.end(JSON.stringify(answer ?? { message: "Not Found" }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    write(next) {
      title = next;
      revision++;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A delivery whose bytes no parser gives back: spaces, line ends, and a byte that is no UTF-8. */
export function delivery(): Buffer {
  const text = `{\r\n  "action" : "edited",\r\n  "issue": { "number": 1, "url": "https://api.github.com/repos/acme/app/issues/1",
    "title": "\\u00fc \u{1F680} `;
  const rest = `" },\r\n  "repository": {"full_name":"acme/app"}  }\r\n\r\n`;
  return Buffer.concat([Buffer.from(text), Buffer.of(0xff), Buffer.from(rest)]);
}

export const headersFor = (body: Uint8Array, secret = SECRET): Record<string, string> => ({
  "content-type": "application/json",
  "x-github-event": "issues",
  "x-github-delivery": randomUUID(),
  "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
});
