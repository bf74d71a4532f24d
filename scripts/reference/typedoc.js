/** What TypeDoc is told. Every entry of the package is a page of its own. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("../../", import.meta.url);
const { exports } = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));
const sources = Object.values(exports).flatMap((one) => one["@tidemark/source"] ?? []);

export default {
  name: "Tidemark",
  entryPoints: sources.map((source) => fileURLToPath(new URL(source, root))),
  tsconfig: fileURLToPath(new URL("tsconfig.build.json", root)),
  out: fileURLToPath(new URL("reference", root)),
  readme: "none",
  treatWarningsAsErrors: true,
  validation: { notExported: true, invalidLink: true, notDocumented: true, invalidPath: true },
  // What a field of a state is, its service says; of most other fields their name and type say it.
  requiredToBeDocumented: ["Class", "Enum", "Function", "Interface", "Method", "TypeAlias", "Variable"],
  intentionallyNotDocumented: [
    "src.WebhookRequest.headers.__type.get",
    "src.Resource.within.__type.list",
    "src/testing.OpenStore.__type.__type.close",
    "src/testing.OpenStore.__type.__type.reopen",
    // Written where they are declared, in the interface of providers.
    "providers/standard-webhooks.StandardWebhooksOptions.probe",
    "providers/standard-webhooks.StandardWebhooksOptions.scopes",
  ],
  intentionallyNotExported: [
    "Caused",
    "classes",
    "ClientOf",
    "ErrorDetails",
    "More",
    "Payment",
    "Question",
    "Relation",
    "Result",
    "StateIn",
  ],
  disableSources: true,
  excludePrivate: true,
  excludeExternals: true,
};
