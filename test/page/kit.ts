/** What the page's tests share: a sync with a service at hand, served, and a browser that looks at it. */
import assert from "node:assert/strict";
import { createSync, type Store, type SyncOptions } from "tidemark";
import type { HandlerOptions } from "tidemark/http";
import { sqlite } from "tidemark/sqlite";
import { type Look, openBrowser, type Tab } from "./browser.ts";
import { type Served, serve, TOKEN } from "./serve.ts";
import { createService, type Service, type ServiceOptions } from "./service.ts";

export interface Context {
  after(run: () => unknown): void;
}
export type Sync = ReturnType<typeof createSync>;

export interface Stage {
  service: Service;
  sync: Sync;
  served: Served;
  open(look?: Look): Promise<Tab>;
  /** A page of the inspector at a view, once it is drawn. */
  look(view?: string, look?: Look): Promise<Tab>;
}

export interface StageOptions extends Partial<ServiceOptions> {
  handler?: HandlerOptions;
  store?: Store;
  sync?: Partial<SyncOptions>;
  /** Is called before the sync starts. */
  before?: (sync: Sync, service: Service) => unknown;
}

/** The provider is called `desk`; with `before` it is said what there is before anybody looks. */
export async function setStage(t: Context, options: StageOptions = {}): Promise<Stage> {
  const { types = ["note"], handler = { token: TOKEN, operate: true, inspector: true } } = options;
  const service = createService({ ...options, types });
  const store = options.store ?? sqlite(":memory:");
  const sync: Sync = createSync({ providers: { desk: service.provider }, store, ...options.sync });
  await options.before?.(sync, service);
  await sync.start();
  const served = await serve(sync, handler);
  const open = openBrowser(t);
  t.after(async () => {
    await served.close();
    await sync.stop();
  });
  return {
    ...{ service, sync, served, open },
    async look(view = "#/", look = {}) {
      const tab = await open(look);
      await tab.page.goto(served.inspector);
      await drawn(tab);
      if (view !== "#/") await go(tab, view);
      return tab;
    },
  };
}

/** Goes to a view of the page that is open. */
export async function go(tab: Tab, view: string): Promise<void> {
  await tab.page.evaluate((hash) => {
    location.hash = hash;
  }, view);
  await drawn(tab);
}

/** Resolves when nothing is asked for any more before something can be shown. */
export async function drawn({ page }: Tab): Promise<void> {
  await page.locator("main :is(.panel, .strip, .empty)").first().waitFor();
  await page.waitForFunction(() => document.querySelector(".loading") === null);
}

/** Nothing was thrown, no dialog opened, and the policy of the page refused nothing. */
export const nothingWrong = ({ wrongs }: Tab): void => assert.deepEqual(wrongs, []);
