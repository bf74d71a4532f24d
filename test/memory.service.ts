/** Fills in and sweeps as many resources as it is told, in a file, and tells what that took. */
import { createSync, type Provider } from "tidemark";
import { sqlite } from "tidemark/sqlite";

export interface Told {
  changes: number;
  /** The most memory that the process had. */
  mb: number;
  /** The longest that a hint was being saved meanwhile, in ms. */
  longest: number;
  seconds: number;
}

const PAGE = 500;

if (import.meta.main) {
  const [path = "", count = "0"] = process.argv.slice(2);
  const total = Number(count);
  const state = (n: number) => ({ id: `t${n}`, text: `resource ${n}`.padEnd(200, ".") });
  const provider: Provider<{ thing: { id: string } }> = {
    limits: { rate: 1e6 },
    probe: async () => {},
    resources: {
      thing: {
        fetch: async (id) => state(Number(id.slice(1))),
        list: async (page) => {
          const from = Number(page ?? 0);
          const items = Array.from({ length: Math.min(PAGE, total - from) }, (_, i) => state(from + i));
          return { items, next: from + PAGE < total ? String(from + PAGE) : null };
        },
        id: ({ id }) => id,
        readLag: { fetch: 0, list: 0 },
      },
    },
  };
  const store = sqlite(path);
  const sync = createSync({ providers: { a: provider }, store });
  const begun = performance.now();
  let longest = 0;
  const hint = async () => {
    const at = performance.now();
    await sync.hint("a.thing", "t0");
    longest = Math.max(longest, performance.now() - at);
  };
  const hinting = setInterval(() => void hint(), 100);
  await sync.start();
  // The first fills in, the second finds all of it as it is.
  for (let n = 0; n < 2; n++) await sync.sweep("a.thing");
  clearInterval(hinting);
  const { position } = await store.head();
  const seconds = (performance.now() - begun) / 1_000;
  const told: Told = { changes: position, mb: process.resourceUsage().maxRSS / 1_024, longest, seconds };
  process.send?.(told);
  await sync.stop();
  await store.close();
  process.disconnect();
}
