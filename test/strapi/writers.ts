/** Many who write at once, and what that comes to. */
import { createRandom } from "tidemark/testing";
import { drop } from "./follower.ts";
import { ARTICLE, counted, type Site, tell } from "./site.ts";

/** One of many who write at once; what others have removed meanwhile is answered 404, and what they hold 400 or 500. */
export async function write(
  { app, person }: Site,
  seed: number,
  times: number,
  documents: readonly string[],
): Promise<void> {
  const random = createRandom(seed);
  const others = [400, 404, 500];
  for (let n = 0; n < times; n++) {
    const id = random.pick(documents);
    const title = `${seed}.${n}`;
    const acts = [
      () => app.update(`articles/${id}`, { title }, others),
      () => app.update(`articles/${id}?status=draft`, { title }, others),
      () => person.act(ARTICLE, id, "publish", others),
      () => person.act(ARTICLE, id, "unpublish", others),
      () => person.act(ARTICLE, id, "discard", others),
      () => app.create("articles", { title }),
      () => (random.chance(0.2) ? app.remove(`articles/${id}`, others) : app.create("notes", { text: title })),
    ];
    await random.pick(acts)();
  }
}

/** Many that nobody writes to: what goes away is few beside them, and so no mass deletion. Answers some others. */
export async function documents({ app }: Site): Promise<string[]> {
  const all = [];
  // Ten at a time: with hundreds, Strapi waits a minute for a connection to its Postgres, and ends.
  for (let n = 0; n < 320; n += 10) {
    all.push(
      ...(await Promise.all(Array.from({ length: 10 }, (_, i) => app.create("articles", { title: `${n + i}` })))),
    );
  }
  return all.slice(0, 20).map(({ documentId }) => documentId);
}

/**
 * 30 write at once, 20 times each, with some of the webhooks lost.
 *
 * @param pollEvery ms; left out: there is no poll but one that a webhook without an entry asks for
 */
export async function thirty(site: Site, lost: number, pollEvery?: number): Promise<void> {
  const shared = await documents(site);
  await using follower = await site.follow(pollEvery);
  const { inbox } = site;
  const random = createRandom(7);
  const { take } = inbox;
  if (lost > 0) inbox.take = (request, response) => (random.chance(lost) ? drop(request) : take(request, response));
  const before = { ...inbox };
  await Promise.all(Array.from({ length: 30 }, (_, seed) => write(site, seed, 20, shared)));
  if (lost > 0) await follower.sync.sweep();
  const ms = await follower.settled();
  const [arrived, empty] = [inbox.arrived - before.arrived, inbox.empty - before.empty];
  tell(`600 writes, ${arrived} webhooks, ${empty} of them without an entry, ${lost * 100} % lost`);
  tell(`the truth ${ms} ms after the last: ${counted(follower.via)}`);
}
