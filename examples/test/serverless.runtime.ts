/**
 * An instance: what a runtime of AWS Lambda does around a handler. It asks the Runtime API for the next event, calls the handler, and
 * posts what it answers. Started with `_HANDLER` and `AWS_LAMBDA_RUNTIME_API`, as there.
 */
const { _HANDLER = "", AWS_LAMBDA_RUNTIME_API = "", CLOCK_BASE, CLOCK_RATE } = process.env;

// Nobody waits minutes for a poll: the clock runs faster, as that of the database does.
if (CLOCK_BASE && CLOCK_RATE) {
  const [now, base, rate] = [Date.now, Number(CLOCK_BASE), Number(CLOCK_RATE)];
  Date.now = () => Math.floor(base + (now() - base) * rate);
}

const [file = "", name = ""] = _HANDLER.split(".");
const handler = (await import(new URL(`../serverless/${file}.ts`, import.meta.url).href))[name];
const api = `http://${AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;
for (;;) {
  const next = await fetch(`${api}/next`);
  const [id, deadline] = ["aws-request-id", "deadline-ms"].map((part) => next.headers.get(`lambda-runtime-${part}`));
  const context = { awsRequestId: id, getRemainingTimeInMillis: () => Number(deadline) - Date.now() };
  try {
    const answer = await handler(await next.json(), context);
    await fetch(`${api}/${id}/response`, { method: "POST", body: JSON.stringify(answer) });
  } catch (error) {
    await fetch(`${api}/${id}/error`, {
      method: "POST",
      body: JSON.stringify({ errorMessage: `${error}` }),
    });
  }
}
