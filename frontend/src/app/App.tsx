import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { LanguageProvider } from "../i18n";
import { ToastProvider } from "../ui/Toasts";
import { ErrorBoundary } from "./ErrorBoundary";
import { createAppRouter } from "./router";
import { createQueryClient, watchSession } from "./session";

const queryClient = createQueryClient();
const router = createAppRouter(queryClient);

watchSession(queryClient, () => {
  const { pathname, searchStr } = router.state.location;
  void router.navigate({ to: "/signin", search: { next: pathname + searchStr, expired: true } });
});

export function App() {
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
    router: ReturnType<typeof createAppRouter>;
  }
  interface HistoryState {
    /** Keeps the editor as it stands while its draft gets an address of its own. */
    editor?: string;
  }
}
