/**
 * The load, in a process of its own. Requests are made and signed before the clock starts.
 * @module
 */
import { answerCalls } from "./child.ts";
import { type Connection, openConnection } from "./connection.ts";
import { customerId, requestOf } from "./event.ts";
import { now, quantile } from "./numbers.ts";

export interface Wanted {
  /** Of one server, or of several between which the connections are divided. */
  port: number | readonly number[];
  /** The number of the first event. Each one is sent once in the whole run. */
  from: number;
  count: number;
  /** How many resources they are about. Default: each its own. */
  resources?: number;
}
export interface Sent {
  /** Requests answered, and by anything but 2xx. */
  answered: number;
  refused: number;
  /** Per second, from the first request to the last answer. */
  rate: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  /** When the first one was sent, by the clock that all processes of a machine share, in ms. */
  begun: number;
}

const CONNECTIONS = 64;

const requestsOf = ({ from, count, resources }: Wanted): Buffer[] => {
  const seconds = Math.floor(Date.now() / 1_000);
  return Array.from({ length: count }, (_, i) =>
    requestOf(from + i, resources === undefined ? from + i : from + (i % resources), seconds),
  );
};

const portOf = (port: Wanted["port"], n: number): number =>
  typeof port === "number" ? port : (port[n % port.length] ?? Number.NaN);

async function connections(port: Wanted["port"]): Promise<Connection[]> {
  return Promise.all(Array.from({ length: CONNECTIONS }, (_, n) => openConnection(portOf(port, n))));
}

const summary = (latencies: number[], refused: number, begun: number): Sent => ({
  ...{ answered: latencies.length, refused, begun },
  rate: (latencies.length * 1_000) / (now() - begun),
  p50: quantile(latencies, 0.5),
  p99: quantile(latencies, 0.99),
});

const load = {
  /** As fast as they are answered, on 64 connections, until all are sent or the time is over. */
  async flood(wanted: Wanted, seconds = Number.POSITIVE_INFINITY): Promise<Sent> {
    const requests = requestsOf(wanted);
    const all = await connections(wanted.port);
    const latencies: number[] = [];
    let [next, refused] = [0, 0];
    const begun = now();
    const end = begun + seconds * 1_000;
    await Promise.all(
      all.map(async (connection) => {
        for (let request = requests[next++]; request && now() < end; request = requests[next++]) {
          const sent = now();
          if ((await connection.ask(request)) >= 300) refused++;
          latencies.push(now() - sent);
        }
      }),
    );
    const result = summary(latencies, refused, begun);
    for (const connection of all) connection.close();
    return result;
  },

  /** At a fixed rate, whatever the answers do. Answers also when each was sent, by the id of its customer. */
  async pace(wanted: Wanted, rate: number): Promise<Sent & { sent: [string, number][] }> {
    const requests = requestsOf(wanted);
    const free = await connections(wanted.port);
    const latencies: number[] = [];
    const sent: [string, number][] = [];
    const asked: Promise<void>[] = [];
    let refused = 0;
    const ask = async (request: Buffer, n: number) => {
      const connection = free.pop() ?? (await openConnection(portOf(wanted.port, n)));
      const at = now();
      sent.push([customerId(wanted.from + n), at]);
      if ((await connection.ask(request)) >= 300) refused++;
      latencies.push(now() - at);
      free.push(connection);
    };
    const begun = now();
    for (const [n, request] of requests.entries()) {
      const wait = begun + (n * 1_000) / rate - now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      asked.push(ask(request, n));
    }
    await Promise.all(asked);
    const result = { ...summary(latencies, refused, begun), sent };
    for (const connection of free) connection.close();
    return result;
  },
};

export type Load = typeof load;

if (process.send) answerCalls(load);
