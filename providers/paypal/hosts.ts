/**
 * PayPal's hosts, and the links that its answers and events carry.
 * @module
 */
import { fieldOf } from "./fields.ts";

/** Where the API and the signing certificates are: live and sandbox, each under two names. */
const HOSTS: ReadonlySet<string> = new Set([
  ...["api.paypal.com", "api-m.paypal.com"],
  ...["api.sandbox.paypal.com", "api-m.sandbox.paypal.com"],
]);

/** Whether a URL is of PayPal's API. */
export const isPayPal = ({ protocol, host, username, password }: URL): boolean =>
  protocol === "https:" && HOSTS.has(host) && username === "" && password === "";

const hrefOf = (answer: unknown, relation: string): unknown => {
  const links = fieldOf(answer, "links");
  if (!Array.isArray(links)) return undefined;
  return fieldOf(
    links.find((link) => fieldOf(link, "rel") === relation),
    "href",
  );
};

/** Whether there is a link of a relation, wherever it leads. */
export const hasLink = (answer: unknown, relation: string): boolean => Boolean(hrefOf(answer, relation));

/** The link of a relation, if it leads to PayPal. Its host may be another than the one that is asked: only the rest counts. */
export function linkOf(answer: unknown, relation: string): URL | undefined {
  const href = hrefOf(answer, relation);
  const url = typeof href === "string" ? URL.parse(href) : null;
  return url !== null && isPayPal(url) ? url : undefined;
}
