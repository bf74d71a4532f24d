/** Sends a signed webhook to an example that runs: `node send.ts [url] [issue]`. The issue is then read from GitHub. */
import { createHmac, randomUUID } from "node:crypto";

const [url = "http://localhost:3000/webhooks/github", issue = "1"] = process.argv.slice(2);
const { GITHUB_REPO = "acme/app", GITHUB_WEBHOOK_SECRET = "" } = process.env;
const number = Number(issue);
const now = new Date().toISOString();
const body = JSON.stringify({
  action: "edited",
  issue: {
    number,
    url: `https://api.github.com/repos/${GITHUB_REPO}/issues/${number}`,
    created_at: now,
    updated_at: now,
  },
  repository: { full_name: GITHUB_REPO },
});
const response = await fetch(url, {
  method: "POST",
  body,
  headers: {
    "content-type": "application/json",
    "x-github-event": "issues",
    "x-github-delivery": randomUUID(),
    "x-hub-signature-256": `sha256=${createHmac("sha256", GITHUB_WEBHOOK_SECRET).update(body).digest("hex")}`,
  },
});
console.log(response.status, response.status === 202 ? "saved: it is read now" : await response.text());
