/** Secrets that are like no other text, and where they turned up. */

/** One for each thing that is secret. None has a letter that another encoding would change. */
export const canaries = {
  stripeKey: "sk_live_CANARY0stripeKey0d7f21c04",
  stripeWebhook: "whsec_CANARY0stripeWebhook0b19e77",
  githubToken: "ghp_CANARY0githubToken04c0d11ea52",
  githubWebhook: "CANARY0githubWebhook0e1f5a3029",
  gitlabToken: "glpat-CANARY0gitlabToken07d2c8e61",
  gitlabWebhook: "CANARY0gitlabWebhook0a90f1b773",
  shopifyToken: "shpat_CANARY0shopifyToken0c41d8e0",
  shopifyWebhook: "CANARY0shopifyWebhook0f6e2b1d58",
  paypalSecret: "CANARY0paypalSecret0d0a7c3e914",
  strapiToken: "CANARY0strapiToken0917be6cd205",
  strapiWebhook: "CANARY0strapiWebhook05be03af741",
  restToken: "CANARY0restToken0e8d51c6fa930",
  restWebhook: "CANARY0restWebhook0642fd0b18ce",
  standardWebhook: "whsec_CANARY0standardWebhook0c7b25e814f0d3a96e",
  snsPassword: "CANARY0snsPassword0fa13c780d2e",
  httpToken: "CANARY0httpToken0b3ce95d7102f4",
  outletSecret: "whsec_CANARY0outletSecret01d8f6a3c50b7e2941e8",
  writeKey: "CANARY0writeKey08ac2e5d9f1037",
  zapierPath: "CANARY0zapierPath0d5e70c41b9f2",
} as const;

/** A text as it stands in base64, wherever in a group of three bytes it begins. */
const inBase64 = (text: string): string[] =>
  [0, 1, 2].map((before) =>
    Buffer.from(`${"x".repeat(before)}${text}`)
      .toString("base64")
      .slice(before === 0 ? 0 : 4, -4),
  );

/** The secrets that a text holds: as they are, in hexadecimal, or in base64. */
export function findCanaries(text: string, secrets: Readonly<Record<string, string>> = canaries): string[] {
  return Object.entries(secrets).flatMap(([name, secret]) => {
    // Without what stands before it: a part of it is as bad.
    const part = secret.replace(/^(whsec_|sk_live_|ghp_|glpat-|shpat_)/, "");
    const forms = [part, Buffer.from(part).toString("hex"), ...inBase64(part)];
    return forms.some((form) => text.includes(form)) ? [name] : [];
  });
}
