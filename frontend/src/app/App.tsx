/** Puts the app together. */

import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type RouterHistory, RouterProvider } from "@tanstack/react-router";
import { LanguageProvider } from "../i18n";
import { ToastProvider } from "../ui/Toasts";
import { ErrorBoundary } from "./ErrorBoundary";
import { beginToLoad, createAppRouter } from "./router";
import { createQueryClient, watchSession } from "./session";

type AppRouter = ReturnType<typeof createAppRouter>;

export interface Parts {
  queryClient: QueryClient;
  router: AppRouter;
}

/** The parts that know each other; a test brings a history of its own. */
export function assemble(history?: RouterHistory): Parts {
  const queryClient = createQueryClient();
  const router = createAppRouter(queryClient, history);
  beginToLoad(router);
  watchSession(queryClient, () => {
    const { pathname, searchStr } = router.state.location;
    void router.navigate({ to: "/signin", search: { next: pathname + searchStr, expired: true } });
  });
  return { queryClient, router };
}

export function App({ queryClient, router }: Parts) {
  return (
    <LanguageProvider>
      <ErrorBoundary>
        <QueryClientProvider client={queryClient}>
          <ToastProvider>
            <RouterProvider router={router} />
          </ToastProvider>
        </QueryClientProvider>
      </ErrorBoundary>
    </LanguageProvider>
  );
}

declare module "@tanstack/react-router" {
  interface Register {
    router: AppRouter;
  }
  interface HistoryState {
    /** Keeps the editor as it stands while its draft gets an address of its own. */
    editor?: string;
  }
}
