export default {
  // Loaded by Node.js as it is, not bundled.
  serverExternalPackages: ["tidemark"],
};
