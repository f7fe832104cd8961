/** Which address shows which page. Pages load when they are first opened. */

import type { QueryClient } from "@tanstack/react-query";
import {
  type AnyRoute,
  createRootRouteWithContext,
  createRoute,
  createRouter,
  type ErrorComponentProps,
  lazyRouteComponent,
  type RouterHistory,
  redirect,
} from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { RowState } from "../lib/api";
import { isRowState } from "../lib/campaigns";
import { meQuery, signUpQuery } from "../lib/queries";
import { safeReturnPath } from "../lib/returnPath";
import { NothingHere } from "../ui/NothingHere";
import { Skeleton } from "../ui/Page";
import { RouteProblem } from "./ErrorBoundary";
import { Shell } from "./Shell";
import { Welcome } from "./Welcome";

/** Where no frame of the app is around a page, the page brings its own. */
function Bare({ children }: { children: ReactNode }) {
  return <main className="px-4 py-10">{children}</main>;
}

const root = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  notFoundComponent: () => (
    <Bare>
      <NothingHere />
    </Bare>
  ),
});

const barePending = () => (
  <Bare>
    <div className="mx-auto max-w-4xl">
      <Skeleton />
    </div>
  </Bare>
);

const bareProblem = (props: ErrorComponentProps) => (
  <Bare>
    <RouteProblem {...props} />
  </Bare>
);

const text = (value: unknown): string | undefined =>
  typeof value === "string" && value ? value : undefined;

// --- for those who are not signed in ---------------------------------------------------------

const welcome = createRoute({
  getParentRoute: () => root,
  id: "welcome",
  component: Welcome,
  errorComponent: bareProblem,
  pendingComponent: barePending,
});

interface SignSearch {
  next?: string;
  expired?: boolean;
  invitation?: string;
}
/** Only what was given: exact optional properties take no `undefined`. */
function signSearch(search: Record<string, unknown>): SignSearch {
  const next = text(search.next);
  const invitation = text(search.invitation);
  return {
    ...(next ? { next } : {}),
    ...(search.expired ? { expired: true } : {}),
    ...(invitation ? { invitation } : {}),
  };
}

const signIn = createRoute({
  getParentRoute: () => welcome,
  path: "/signin",
  validateSearch: signSearch,
  async beforeLoad({ context, search }) {
    const me = await context.queryClient.ensureQueryData(meQuery);
    if (me) throw redirect({ to: safeReturnPath(search.next), replace: true });
    const rules = await context.queryClient.ensureQueryData(signUpQuery);
    if (rules.first) throw redirect({ to: "/signup", replace: true });
  },
  component: lazyRouteComponent(() => import("../features/account/SignInPage"), "SignInPage"),
});

const signUp = createRoute({
  getParentRoute: () => welcome,
  path: "/signup",
  validateSearch: signSearch,
  async beforeLoad({ context }) {
    const me = await context.queryClient.ensureQueryData(meQuery);
    if (me) throw redirect({ to: "/", replace: true });
  },
  loader: ({ context }) => context.queryClient.ensureQueryData(signUpQuery),
  component: lazyRouteComponent(() => import("../features/account/SignUpPage"), "SignUpPage"),
});

// --- for those who are -----------------------------------------------------------------------

const home = createRoute({
  getParentRoute: () => root,
  id: "signed-in",
  async beforeLoad({ context, location }) {
    const me = await context.queryClient.ensureQueryData(meQuery);
    if (me) return;
    const next = location.pathname + location.searchStr;
    throw redirect({ to: "/signin", search: next === "/" ? {} : { next }, replace: true });
  },
  component: Shell,
  errorComponent: bareProblem,
  pendingComponent: barePending,
});

interface RecordSearch {
  /** A take that lies on this device. */
  take?: string;
}

const record = createRoute({
  getParentRoute: () => home,
  path: "/record",
  validateSearch(search: Record<string, unknown>): RecordSearch {
    const take = text(search.take);
    return take ? { take } : {};
  },
  component: lazyRouteComponent(() => import("../features/studio/StudioPage"), "StudioPage"),
});

interface CampaignSearch {
  /** Of a draft: what is looked at. */
  step?: "message" | "list" | "check";
  /** Of its rows: those in this state, … */
  state?: RowState;
  /** … in which this stands; … */
  q?: string;
  /** … the first one in sight, from 1. */
  row?: number;
}
/** What nobody can have chosen is left out. */
function campaignSearch(search: Record<string, unknown>): CampaignSearch {
  const { step, state, row } = search;
  // Digits in an address are read as a number.
  const q = text(typeof search.q === "number" ? String(search.q) : search.q);
  return {
    ...(step === "message" || step === "list" || step === "check" ? { step } : {}),
    ...(isRowState(state) ? { state } : {}),
    ...(q ? { q } : {}),
    ...(typeof row === "number" && Number.isInteger(row) && row > 1 ? { row } : {}),
  };
}

const campaign = createRoute({
  getParentRoute: () => home,
  path: "/campaigns/$id",
  validateSearch: campaignSearch,
  component: lazyRouteComponent(() => import("../features/campaigns/CampaignPage"), "CampaignPage"),
});

const page = <const Path extends string>(
  path: Path,
  component: ReturnType<typeof lazyRouteComponent>,
) => createRoute({ getParentRoute: () => home, path, component });

const routes = root.addChildren([
  welcome.addChildren([signIn, signUp]),
  home.addChildren([
    record,
    campaign,
    page(
      "/campaigns",
      lazyRouteComponent(() => import("../features/campaigns/CampaignsPage"), "CampaignsPage"),
    ),
    page(
      "/",
      lazyRouteComponent(() => import("../features/messages/HomePage"), "HomePage"),
    ),
    page(
      "/messages/$id",
      lazyRouteComponent(() => import("../features/messages/MessagePage"), "MessagePage"),
    ),
    page(
      "/messages/$id/captions",
      lazyRouteComponent(
        () => import("../features/messages/captions/CaptionsPage"),
        "CaptionsPage",
      ),
    ),
    page(
      "/voices",
      lazyRouteComponent(() => import("../features/voices/VoicesPage"), "VoicesPage"),
    ),
    page(
      "/voices/new",
      lazyRouteComponent(() => import("../features/voices/NewVoicePage"), "NewVoicePage"),
    ),
    page(
      "/voices/$id",
      lazyRouteComponent(() => import("../features/voices/VoicePage"), "VoicePage"),
    ),
    page(
      "/words",
      lazyRouteComponent(() => import("../features/words/WordsPage"), "WordsPage"),
    ),
    page(
      "/account",
      lazyRouteComponent(() => import("../features/account/AccountPage"), "AccountPage"),
    ),
    page(
      "/account/api-keys",
      lazyRouteComponent(() => import("../features/api-keys/ApiKeysPage"), "ApiKeysPage"),
    ),
    page(
      "/account/webhooks",
      lazyRouteComponent(() => import("../features/webhooks/WebhooksPage"), "WebhooksPage"),
    ),
    page(
      "/system",
      lazyRouteComponent(() => import("../features/system/SystemPage"), "SystemPage"),
    ),
  ]),
]);

export const createAppRouter = (queryClient: QueryClient, history?: RouterHistory) =>
  createRouter({
    ...(history ? { history } : {}),
    routeTree: routes,
    context: { queryClient },
    defaultPreload: "intent",
    defaultPreloadStaleTime: 0,
    scrollRestoration: true,
    defaultPendingComponent: () => <Skeleton />,
    defaultErrorComponent: RouteProblem,
    defaultNotFoundComponent: NothingHere,
  });

/** Fetch the page of this address while it is asked who is signed in: neither waits for the other. */
export function beginToLoad(router: ReturnType<typeof createAppRouter>): void {
  const known: Record<string, AnyRoute | undefined> = router.routesById;
  for (const { routeId } of router.matchRoutes(router.latestLocation)) {
    void known[routeId]?.options.component?.preload?.();
  }
}
