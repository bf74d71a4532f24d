const path = require("node:path");

module.exports = ({ env }) => ({
  ...{ host: "127.0.0.1", port: env.int("PORT"), app: { keys: ["test-key"] } },
  dirs: { public: path.join(env("TEST_DATA"), "public") },
});
