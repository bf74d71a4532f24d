module.exports = ["errors", "security", "cors", "poweredBy", "query", "body", "session", "favicon", "public"].map(
  (name) => `strapi::${name}`,
);
