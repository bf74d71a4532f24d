/** The Lambda handler behind a real server that wraps requests as function URLs do: bodies in base64 unless they are text. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { delivery, headersFor, openGitHub, SECRET } from "./github.ts";

test("lambda: base64 and plain bodies, then a tick reads what is due", async (t) => {
  const github = await openGitHub();
  Object.assign(process.env, {
    ...{ GITHUB_TOKEN: "token", GITHUB_WEBHOOK_SECRET: SECRET, GITHUB_REPO: "acme/app" },
    ...{ GITHUB_API_URL: github.url, TIDEMARK_DB: ":memory:" },
  });
  const { handler, tick } = await import("../lambda.ts");
  const { sync } = await import("../sync.ts");
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const bytes = Buffer.concat(parts);
    const isBase64Encoded = !bytes.equals(Buffer.from(bytes.toString()));
    const answer = await handler({
      rawPath: request.url ?? "/",
      rawQueryString: "",
      headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
      requestContext: { domainName: "x.lambda-url.eu-west-1.on.aws", http: { method: request.method ?? "GET" } },
      ...(bytes.length > 0 && { body: bytes.toString(isBase64Encoded ? "base64" : "utf8") }),
      isBase64Encoded,
    });
    response.writeHead(answer.statusCode, answer.headers).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    github.close();
    await sync.stop();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/github`;
  const post = (body: Buffer, secret = SECRET) =>
    fetch(url, { method: "POST", body: new Uint8Array(body), headers: headersFor(body, secret) });

  assert.equal((await fetch(url)).status, 405);
  assert.equal((await post(delivery(), "another secret")).status, 401);
  assert.equal((await post(delivery())).status, 202, "a body that is no UTF-8 comes in base64");
  const plain = Buffer.from('{"action":"edited","issue":{"number":1},"repository":{"full_name":"acme/app"}}\r\n');
  assert.equal((await post(plain)).status, 202, "one that is comes as text");
  github.write("read by the tick");
  assert.deepEqual(await tick({}, { getRemainingTimeInMillis: () => 60_000 }), { done: true });
  assert.equal((await sync.get("github.issue", "1", { scope: "acme/app" }))?.state?.title, "read by the tick");
});
