const path = require("node:path");

/** SQLite, or the Postgres at `DATABASE_URL`. */
module.exports = ({ env }) => ({
  connection: env("DATABASE_URL")
    ? // With the 10 connections of its default, 30 writers wait for each other until Strapi ends.
      { client: "postgres", connection: { connectionString: env("DATABASE_URL") }, pool: { min: 2, max: 60 } }
    : {
        client: "sqlite",
        useNullAsDefault: true,
        connection: { filename: path.join(env("TEST_DATA"), "strapi.db") },
      },
});
