/** Chromium, with a profile of its own that is gone afterwards; what a page says or tries is written down. */
import { after } from "node:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { chromium } from "playwright-core";

const PATH = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const ARGS = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];

export interface Look {
  theme?: "light" | "dark";
  width?: number;
  height?: number;
  /** Where names lead that are to be looked up. A browser of its own, then. */
  resolve?: Readonly<Record<string, string>>;
}

/** A page, and all that was wrong in it so far. */
export interface Tab {
  page: Page;
  context: BrowserContext;
  /** Errors, dialogs, and what the policy of the page refused. */
  wrongs: string[];
}

/** By what is given at the start: one browser for all tests of a file, and one more for each other way to look up names. */
const browsers = new Map<string, Promise<Browser>>();
const launch = (...more: readonly string[]): Promise<Browser> => {
  const key = more.join(" ");
  const known = browsers.get(key) ?? chromium.launch({ executablePath: PATH, args: [...ARGS, ...more] });
  browsers.set(key, known);
  return known;
};
after(async () => {
  for (const browser of browsers.values()) await (await browser).close();
});

interface Context {
  after(run: () => unknown): void;
}

/** Answers what opens a page in a window of its own, with nothing kept from another; the test's end closes it. */
export function openBrowser(t: Context) {
  return async ({ theme = "light", width = 1280, height = 800, resolve }: Look = {}): Promise<Tab> => {
    const rules = Object.entries(resolve ?? {}).map(([name, to]) => `MAP ${name} ${to}`);
    const at = await launch(...(resolve ? [`--host-resolver-rules=${rules.join(",")}`] : []));
    const context = await at.newContext({
      viewport: { width, height },
      colorScheme: theme,
      reducedMotion: "reduce",
    });
    t.after(() => context.close());
    // A machine that does much else is no mistake of the page.
    context.setDefaultTimeout(25_000);
    const page = await context.newPage();
    const wrongs: string[] = [];
    page.on("pageerror", (error) => wrongs.push(`thrown: ${error.message}`));
    page.on("dialog", (dialog) => {
      wrongs.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("console", (message) => {
      // The browser itself says of each answer above 400 that it is one; those are looked at where they come from.
      if (message.type() === "error" && !/^Failed to load resource/.test(message.text())) wrongs.push(message.text());
    });
    return { page, context, wrongs };
  };
}
