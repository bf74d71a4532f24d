import { type Mutant, mutantsOf } from "./mutant.ts";

const tests = ["test/providers/sns.webhook.test.ts"];
const index = mutantsOf("sns-index-", "providers/sns/index.ts", tests);
const envelope = mutantsOf("sns-envelope-", "providers/sns/envelope.ts", tests);
const signature = mutantsOf("sns-signature-", "providers/sns/signature.ts", tests);
const topic = mutantsOf("sns-topic-", "providers/sns/topic.ts", tests);
const hints = mutantsOf("sns-hints-", "providers/sns/hints.ts", tests);
const raw = mutantsOf("sns-raw-", "providers/sns/raw.ts", tests);
const subscription = mutantsOf("sns-subscription-", "providers/sns/subscription.ts", tests);
const options = mutantsOf("sns-options-", "providers/sns/options.ts", tests);

/** Guards of `tidemark/sns`. */
export const sns: readonly Mutant[] = [
  index("topics", "the topics of the scope count", `topicsOf(request.scope)`, `topicsOf(undefined)`),
  index(
    "verify",
    "an envelope is verified",
    `await verifyEnvelope(envelope, { allowed, versions, certificatesOf, now: request.now });`,
    `await certificatesOf(allowed[0] ?? versions.join(), request.now).catch(() => {});`,
  ),
  index(
    "endpoint",
    "no other webhook is sent here",
    `const { endpoint: _, ...inner } = options.inner;`,
    `const { inner } = options;`,
  ),
  index("check", "a topic is an ARN", `"sns({ topics })", checkTopic`, `"sns({ topics })"`),
  index(
    "raw",
    "raw delivery has a secret",
    `"sns({ rawSecret })") : async () => []`,
    `"sns({ rawSecret })") : async () => [""]`,
  ),
  index(
    "unsubscribed",
    "nobody subscribes again by himself",
    `envelope.type === "SubscriptionConfirmation" ? confirm : unsubscribed`,
    `confirm`,
  ),
  index("limit", "a large message has room", `    bodyLimit: BODY_LIMIT,\n`, ""),
  envelope("line", "a subject is one line", `Subject: line.nullish()`, `Subject: z.string().nullish()`),
  envelope("word", "an id is one word", `MessageId: word`, `MessageId: z.string()`),
  envelope("time", "a time is one", `Timestamp: time`, `Timestamp: z.string()`),
  envelope(
    "order",
    "what is signed has its order",
    `["Message", "MessageId", "Subject", "SubscribeURL"`,
    `["Message", "Subject", "MessageId", "SubscribeURL"`,
  ),
  envelope("half", "half a character is none", `if (!signed.isWellFormed())`, `if (false)`),
  envelope("null", "a subject that is null is not signed", `typeof value === "string")`, `value !== undefined)`),
  envelope("attributes", "odd attributes are none", `.catch({});`, `;`),
  envelope(
    "forged",
    "what is no envelope is forged",
    `new WebhookRejected("the body is no message of SNS")`,
    `new TypeError("the body is no message of SNS")`,
  ),
  envelope(
    "json",
    "also what is no JSON",
    `  } catch {\n    return undefined;`,
    `  } catch (error) {\n    throw error;`,
  ),
  envelope("lambda", "the other spelling is known", `{ SigningCertURL: SigningCertUrl, ...envelope }`, `envelope`),
  signature("topic", "a topic must be among the topics", `!allowed.includes(topic)`, `false`),
  signature(
    "version",
    "a version must be wanted",
    `versions.includes(version) ? HASHES[version] : undefined`,
    `HASHES[version]`,
  ),
  signature(
    "region",
    "a certificate is of the topic's region",
    `!certificate.startsWith(\`https://\${hostOf(topic)}/\`)`,
    `false`,
  ),
  signature(
    "path",
    "its path is of a certificate",
    `/^\\/SimpleNotificationService-[0-9a-f]{32}\\.pem$/.test(pathname)`,
    `pathname !== ""`,
  ),
  signature("force", "it must be in force", `!signer || !isInForce(signer, now)`, `!signer`),
  signature("yet", "not only later", `now >= Date.parse(validFrom) && `, ""),
  signature("spelling", "a signature has one spelling", `bytes.toString("base64") !== signature || `, ""),
  signature("holds", "a signature must hold", ` || !verify(hash, Buffer.from(signed), signer.publicKey, bytes)`, ""),
  topic("arn", "a topic is an ARN", `if (ARN.test(arn)) return;`, `if (arn) return;`),
  topic("china", "China has a domain of its own", `partition === "aws-cn" ? ".cn" : ""`, `""`),
  hints("own", "a hint may have an event of its own", `({ event, ...hint })`, `({ ...hint, event })`),
  hints("nameless", "a message without an id is no event", `if (id === "") return [...hints];`, ""),
  raw("refused", "without a secret raw delivery is refused", `if (secrets.length === 0)`, `if (false)`),
  raw("challenge", "the password is asked for", `if (authorization === null)`, `if (false)`),
  raw("password", "and must be the secret", `!verifyToken(secrets, passwordOf(authorization))`, `false`),
  raw("scheme", "by the Basic scheme", `scheme.toLowerCase() === "basic" && `, ""),
  raw("colon", "behind the user", ` && text.includes(":")`, ""),
  raw("topic", "a topic must be among the topics here, too", `!allowed.includes(topic)`, `false`),
  subscription("redirect", "no redirect is followed", `redirect: "manual", `, ""),
  subscription("status", "only 200 confirms", `if (response.status !== 200)`, `if (false)`),
  subscription("retry", "what fails is asked for again", `throw new RetryLater(5_000, `, `throw new Error(`),
  subscription(
    "built",
    "a token stays a token",
    `\`https://\${hostOf(topic)}/?\${query}\``,
    `\`https://\${hostOf(topic)}/?Action=ConfirmSubscription&TopicArn=\${topic}&Token=\${token}\``,
  ),
  options(
    "inner",
    "there must be a provider within",
    `typeof inner?.resources !== "object" || inner.resources === null`,
    `false`,
  ),
  options("topics", "there must be a topic", `typeof topics !== "function"`, `false`),
  options("hints", "hints are a function", `typeof hints !== "function"`, `false`),
  options(
    "versions",
    "versions are 1 and 2",
    `!Array.isArray(versions) || versions.length === 0 || versions.some((one) => one !== "1" && one !== "2")`,
    `false`,
  ),
  options("functions", "what is called is a function", `value !== undefined && typeof value !== "function"`, `false`),
];
