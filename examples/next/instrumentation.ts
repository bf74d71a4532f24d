/** Runs once when the server starts: the background loops. */
export async function register() {
  if (process.env["NEXT_RUNTIME"] !== "nodejs") return;
  const { sync } = await import("./sync");
  await sync.start();
  process.once("SIGTERM", () => void sync.stop());
}
