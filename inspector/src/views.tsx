/**
 * Which view an address names.
 * @module
 */
import type { VNode } from "preact";
import { Empty } from "./parts/bits.tsx";
import type { Route } from "./route.ts";
import { ChangesView } from "./views/changes.tsx";
import { LossView } from "./views/loss.tsx";
import { OverviewView } from "./views/overview.tsx";
import { ResourceView } from "./views/resource.tsx";
import { ResourcesView } from "./views/resources.tsx";
import { SubscriptionView } from "./views/subscription.tsx";
import { SubscriptionsView } from "./views/subscriptions.tsx";
import { TypesView } from "./views/types.tsx";
import { WaitingView } from "./views/waiting.tsx";

export function viewOf(route: Route): VNode {
  switch (route.view) {
    case "overview":
      return <OverviewView />;
    case "changes":
      return <ChangesView route={route} />;
    case "loss":
      return <LossView route={route} />;
    case "waiting":
      return <WaitingView route={route} />;
    case "types":
      return <TypesView route={route} />;
    case "resources":
      return <ResourcesView route={route} />;
    case "resource":
      return <ResourceView key={JSON.stringify([route.parts, route.query["scope"]])} route={route} />;
    case "subscriptions":
      return <SubscriptionsView />;
    case "subscription":
      return <SubscriptionView key={route.parts[0]} route={route} />;
    default:
      return (
        <Empty title="There is no such view.">
          <a href="#/">Go to the overview</a>
        </Empty>
      );
  }
}
