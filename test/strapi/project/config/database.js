const path = require("node:path");

/** SQLite, or the Postgres at `DATABASE_URL`. */
module.exports = ({ env }) => ({
  connection: env("DATABASE_URL")
    ? { client: "postgres", connection: { connectionString: env("DATABASE_URL") } }
    : {
        client: "sqlite",
        useNullAsDefault: true,
        connection: { filename: path.join(env("TEST_DATA"), "strapi.db") },
      },
});
