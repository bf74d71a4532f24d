const path = require("node:path");

module.exports = ({ env }) => ({
  connection: {
    client: "sqlite",
    useNullAsDefault: true,
    connection: { filename: path.join(env("TEST_DATA"), "strapi.db") },
  },
});
