/** The admin's pages are not served, so they need not be built. The secrets protect nothing: every run has its own data. */
module.exports = {
  serveAdminPanel: false,
  autoOpen: false,
  auth: { secret: "test-admin-secret" },
  apiToken: { salt: "test-token-salt" },
  transfer: { token: { salt: "test-transfer-salt" } },
  secrets: { encryptionKey: "test-encryption-key-of-32-letters" },
};
