/**
 * The inspector's page: what there is, live, over the handler that serves it.
 *
 *   token.ts ─► api.ts ─► hooks.ts ─► views/* ─► parts/*        one view per question; each has an address (route.ts)
 *                 └─► follow.ts (the stream) ─► changes.ts
 * @module
 */
import { render } from "preact";
import { Page } from "./page.tsx";
import { applyTheme, themeNow } from "./theme.ts";
import { takeToken } from "./token.ts";

takeToken();
// A new link that is pasted over an open page changes its fragment alone, and loads nothing.
addEventListener("hashchange", () => takeToken() && location.reload());
applyTheme(themeNow());
const root = document.getElementById("page");
if (root) render(<Page />, root);
