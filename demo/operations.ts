/**
 * What people do at GitHub and Stripe, through the real clients.
 * @module
 */

import type { Emulators } from "./emulators.ts";
import { oneOf, type Random } from "./random.ts";
import { OWNER, REPO } from "./shop.ts";

/** What there is to work on. */
export interface Known {
  issues: number[];
  comments: number[];
  labels: string[];
  milestones: number[];
  customers: string[];
  products: string[];
  /** Payment intents that are neither paid nor canceled. */
  intents: string[];
}

export type World = Pick<Emulators, "github" | "stripe">;
/** Does something, and names the resource that it changed. Undefined: there was nothing to do it to. */
export type Operation = (
  world: World,
  known: Known,
  random: Random,
) => Promise<[type: string, id: string | number] | undefined>;

const repo = { owner: OWNER, repo: REPO };
const WORDS = ["cart", "login", "search", "invoice", "coupon", "refund", "export", "theme", "basket", "receipt"];
const FAULTS = ["is slow", "shows nothing", "loses its state", "is off by one", "needs a test", "should be blue"];
const NAMES = ["Ada", "Grace", "Linus", "Barbara", "Edsger", "Radia", "Donald", "Frances", "Ken", "Margaret"];

const word = (random: Random) => oneOf(random, WORDS) ?? "";
const title = (random: Random) => `The ${word(random)} ${oneOf(random, FAULTS)}`;
const amount = (random: Random) => 500 + Math.floor(random() * 20_000);
const colour = (random: Random) =>
  Math.floor(random() * 0xffffff)
    .toString(16)
    .padStart(6, "0");
const drop = <T>(all: T[], one: T): void => void all.splice(all.indexOf(one), 1);

export const operations = {
  async "create issue"({ github }, { issues }, random) {
    const { data } = await github.issues.create({ ...repo, title: title(random) });
    issues.push(data.number);
    return ["github.issue", data.number];
  },
  async "edit issue"({ github }, { issues }, random) {
    const issue_number = oneOf(random, issues);
    if (issue_number === undefined) return;
    await github.issues.update({ ...repo, issue_number, title: title(random) });
    return ["github.issue", issue_number];
  },
  async "close or reopen issue"({ github }, { issues }, random) {
    const issue_number = oneOf(random, issues);
    if (issue_number === undefined) return;
    const { data } = await github.issues.get({ ...repo, issue_number });
    await github.issues.update({ ...repo, issue_number, state: data.state === "open" ? "closed" : "open" });
    return ["github.issue", issue_number];
  },
  async "label issue"({ github }, { issues, labels }, random) {
    const [issue_number, label] = [oneOf(random, issues), oneOf(random, labels)];
    if (issue_number === undefined || label === undefined) return;
    await github.issues.update({ ...repo, issue_number, labels: [label] });
    return ["github.issue", issue_number];
  },
  async comment({ github }, { issues, comments }, random) {
    const issue_number = oneOf(random, issues);
    if (issue_number === undefined) return;
    const { data } = await github.issues.createComment({ ...repo, issue_number, body: `Since the ${word(random)}?` });
    comments.push(data.id);
    return ["github.issue_comment", data.id];
  },
  async "edit comment"({ github }, { comments }, random) {
    const comment_id = oneOf(random, comments);
    if (comment_id === undefined) return;
    await github.issues.updateComment({ ...repo, comment_id, body: `No, since the ${word(random)}.` });
    return ["github.issue_comment", comment_id];
  },
  async "delete comment"({ github }, { comments }, random) {
    const comment_id = oneOf(random, comments);
    if (comment_id === undefined) return;
    await github.issues.deleteComment({ ...repo, comment_id });
    drop(comments, comment_id);
    return ["github.issue_comment", comment_id];
  },
  async "create label"({ github }, { labels }, random) {
    const name = word(random);
    if (labels.includes(name)) return;
    await github.issues.createLabel({ ...repo, name, color: colour(random) });
    labels.push(name);
    return ["github.label", name];
  },
  async "recolour label"({ github }, { labels }, random) {
    const name = oneOf(random, labels);
    if (name === undefined) return;
    await github.issues.updateLabel({ ...repo, name, color: colour(random) });
    return ["github.label", name];
  },
  async "delete label"({ github }, { labels }, random) {
    const name = oneOf(random, labels);
    if (name === undefined) return;
    await github.issues.deleteLabel({ ...repo, name });
    drop(labels, name);
    return ["github.label", name];
  },
  async "create milestone"({ github }, { milestones }, random) {
    const { data } = await github.issues.createMilestone({ ...repo, title: `The new ${word(random)}` });
    milestones.push(data.number);
    return ["github.milestone", data.number];
  },
  async "edit milestone"({ github }, { milestones }, random) {
    const milestone_number = oneOf(random, milestones);
    if (milestone_number === undefined) return;
    await github.issues.updateMilestone({ ...repo, milestone_number, title: `A better ${word(random)}` });
    return ["github.milestone", milestone_number];
  },
  async "delete milestone"({ github }, { milestones }, random) {
    const milestone_number = oneOf(random, milestones);
    if (milestone_number === undefined) return;
    await github.issues.deleteMilestone({ ...repo, milestone_number });
    drop(milestones, milestone_number);
    return ["github.milestone", milestone_number];
  },
  async "create customer"({ stripe }, { customers }, random) {
    const name = `${oneOf(random, NAMES)} ${customers.length + 1}`;
    const { id } = await stripe.customers.create({
      name,
      email: `${name.replace(" ", ".").toLowerCase()}@example.com`,
    });
    customers.push(id);
    return ["stripe.customer", id];
  },
  async "edit customer"({ stripe }, { customers }, random) {
    const id = oneOf(random, customers);
    if (id === undefined) return;
    await stripe.customers.update(id, { description: `likes the ${word(random)}` });
    return ["stripe.customer", id];
  },
  async "delete customer"({ stripe }, { customers }, random) {
    const id = oneOf(random, customers);
    if (id === undefined) return;
    await stripe.customers.del(id);
    drop(customers, id);
    return ["stripe.customer", id];
  },
  async "create payment intent"({ stripe }, { customers, intents }, random) {
    const customer = oneOf(random, customers);
    const params = { amount: amount(random), currency: "eur", payment_method: "pm_card_visa" };
    const { id } = await stripe.paymentIntents.create({ ...params, ...(customer !== undefined && { customer }) });
    intents.push(id);
    return ["stripe.payment_intent", id];
  },
  async "edit payment intent"({ stripe }, { intents }, random) {
    const id = oneOf(random, intents);
    if (id === undefined) return;
    await stripe.paymentIntents.update(id, { amount: amount(random) });
    return ["stripe.payment_intent", id];
  },
  async "confirm payment intent"({ stripe }, { intents }, random) {
    const id = oneOf(random, intents);
    if (id === undefined) return;
    await stripe.paymentIntents.confirm(id);
    drop(intents, id);
    return ["stripe.payment_intent", id];
  },
  async "cancel payment intent"({ stripe }, { intents }, random) {
    const id = oneOf(random, intents);
    if (id === undefined) return;
    await stripe.paymentIntents.cancel(id);
    drop(intents, id);
    return ["stripe.payment_intent", id];
  },
  async "create product"({ stripe }, { products }, random) {
    const { id } = await stripe.products.create({ name: `A ${word(random)} of your own` });
    products.push(id);
    return ["stripe.product", id];
  },
  async "create price"({ stripe }, { products }, random) {
    const product = oneOf(random, products);
    if (product === undefined) return;
    const { id } = await stripe.prices.create({ product, currency: "eur", unit_amount: amount(random) });
    return ["stripe.price", id];
  },
} satisfies Record<string, Operation>;

export type OperationName = keyof typeof operations;
