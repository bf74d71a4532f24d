/** What happens at the services: resources are written, and the application is connected to other scopes. */
import type { Random, VirtualTime } from "tidemark/testing";
import type { Calendar } from "./calendar.ts";
import type { Write } from "./network.ts";
import { type Service, writeSomething } from "./service.ts";

export interface Writer {
  /** Writes something now. */
  write(): void;
  /** From now on something is written as often as the calendar says. */
  begin(): void;
  /** From now until then one resource of each service is: without any webhook to prove itself all would be polled often. */
  beat(end: number): void;
  /** Some scopes of each service leave, and as many that were away join, with all that happened there meanwhile. */
  move(joined: (service: Service, scope: string) => void): void;
}

interface Given {
  time: VirtualTime;
  random: Random;
  calendar: Calendar;
  services: readonly Service[];
  /** All scopes, connected or not. */
  scopes: readonly string[];
  send(write: Write): void;
  count(name: string): void;
}

const [HOUR, DAY] = [3_600_000, 86_400_000];

export function createWriter({ time, random, calendar, services, scopes, send, count }: Given): Writer {
  let beating = false;
  const write = () => {
    const written = writeSomething(services, scopes, random, time.now());
    count("writes");
    // Nobody is sent what happens in a scope that has left.
    if (written.service.scopes.has(written.scope)) send(written);
  };
  const begin = () => {
    // As those of a Poisson process.
    time.after(-Math.log(1 - random.next()) * (DAY / calendar.writesPerDay), () => {
      if (beating) return;
      write();
      begin();
    });
  };
  const beat = (end: number) => {
    beating = true;
    for (const service of services) {
      const [scope = ""] = service.scopes;
      send({ service, scope, id: "a", place: service.write(scope, "a", "put", time.now()) });
    }
    if (time.now() < end) time.after(6 * HOUR, () => beat(end));
  };
  return {
    ...{ write, begin, beat },
    move(joined) {
      for (const service of services) {
        const joining = scopes.filter((scope) => !service.scopes.has(scope));
        const leaving = [...service.scopes].sort(() => random.next() - 0.5).slice(0, joining.length);
        for (const [i, scope] of joining.entries()) {
          service.scopes.delete(leaving[i] ?? "");
          service.scopes.add(scope);
          joined(service, scope);
          count("scopes that left, and joined");
        }
      }
    },
  };
}
