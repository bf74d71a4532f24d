/**
 * How the inspector's page is built: static files with hashed names, in `dist/inspector`, with the notices of what is bundled.
 * @module
 */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here("."),
  build: {
    outDir: here("../dist/inspector"),
    emptyOutDir: true,
    target: "es2023",
    // An icon as a data URL would be one request less, and a policy for images more.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: "licenses.md" },
    chunkSizeWarningLimit: 100,
  },
  experimental: {
    // The page is `…/inspector`, wherever the handler's base is, so its assets are relative to that and not to a folder.
    renderBuiltUrl: (file, { hostType }) => (hostType === "html" ? `./inspector/${file}` : { relative: true }),
  },
});
