/** Starts this Strapi without its admin's pages. */
const { createStrapi } = require("@strapi/strapi");

createStrapi({ appDir: __dirname, distDir: __dirname }).start();
