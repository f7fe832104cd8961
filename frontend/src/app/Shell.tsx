/** The frame of the app: where to go, the page itself, and whether we are connected. */

import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { type ReactNode, useSyncExternalStore } from "react";
import { useText } from "../i18n";
import { buttonLook } from "../ui/Button";
import { Icon, type IconName } from "../ui/Icon";
import { Brand } from "./Brand";

const pathOf = ({ pathname }: { pathname: string }): string => pathname;

export function Shell() {
  const t = useText();
  const pathname = useLocation({ select: pathOf });
  // Where something is written or made, the phone's lower edge belongs to that page's own action.
  const isAtWork =
    pathname.startsWith("/messages/") ||
    pathname.startsWith("/campaigns/") ||
    pathname === "/voices/new" ||
    pathname === "/record";
  return (
    <div className="group flex min-h-dvh flex-col">
      <a
        href="#content"
        className="sr-only z-50 rounded-xl bg-card px-4 py-3 font-semibold focus:not-sr-only focus:fixed focus:start-3 focus:top-3"
      >
        {t.common.skip}
      </a>
      {/* On a phone the camera's picture fills the screen. */}
      <header className="sticky top-0 z-30 border-line border-b bg-paper/90 px-4 backdrop-blur group-has-data-stage:max-md:hidden md:px-8">
        <div className="mx-auto flex h-16 max-w-6xl items-center justify-between gap-4">
          <Link to="/" className="rounded-lg">
            <Brand />
          </Link>
          <nav aria-label={t.nav.label} className="hidden items-center gap-1 md:flex">
            <Destinations />
            <Link
              to="/messages/$id"
              params={{ id: "new" }}
              className={buttonLook("quiet", "ms-3 whitespace-nowrap max-xl:hidden")}
            >
              <Icon name="photo" />
              {t.nav.write}
            </Link>
            <Link to="/record" className={buttonLook("primary", "whitespace-nowrap")}>
              <Icon name="video" />
              {t.nav.record}
            </Link>
          </nav>
        </div>
      </header>
      <OfflineLine />
      <main id="content" className="w-full flex-1 px-4 pt-6 pb-32 md:px-8 md:pt-10 md:pb-16">
        <Outlet />
      </main>
      {!isAtWork && (
        <nav
          aria-label={t.nav.label}
          className="fixed inset-x-0 bottom-0 z-30 grid grid-cols-4 border-line border-t bg-card pb-[env(safe-area-inset-bottom)] md:hidden"
        >
          <Destinations isTab />
        </nav>
      )}
    </div>
  );
}

function Destinations({ isTab = false }: { isTab?: boolean }) {
  const t = useText();
  const pathname = useLocation({ select: pathOf });
  const isAtMessages = pathname === "/" || pathname.startsWith("/messages");
  return (
    <>
      <Destination to="/" icon="message" isHere={isAtMessages} isTab={isTab}>
        {t.nav.messages}
      </Destination>
      <Destination
        to="/campaigns"
        icon="people"
        isHere={pathname.startsWith("/campaigns")}
        isTab={isTab}
      >
        {t.nav.campaigns}
      </Destination>
      <Destination to="/voices" icon="voice" isHere={pathname.startsWith("/voices")} isTab={isTab}>
        {t.nav.voices}
      </Destination>
      <Destination
        to="/account"
        icon="person"
        isHere={pathname.startsWith("/account") || pathname === "/system"}
        isTab={isTab}
      >
        {t.nav.account}
      </Destination>
    </>
  );
}

interface DestinationProps {
  to: "/" | "/campaigns" | "/voices" | "/account";
  icon: IconName;
  isHere: boolean;
  isTab: boolean;
  children: ReactNode;
}

function Destination({ to, icon, isHere, isTab, children }: DestinationProps) {
  const shape = isTab
    ? "flex min-h-16 flex-col items-center justify-center gap-0.5 text-xs"
    : "flex min-h-11 items-center gap-2 whitespace-nowrap rounded-xl px-2.5 hover:bg-sunk";
  return (
    <Link
      to={to}
      aria-current={isHere ? "page" : undefined}
      className={`font-semibold ${shape} ${isHere ? "text-mark" : "text-quiet"}`}
    >
      <Icon name={icon} className={isTab ? "size-6" : "size-5 max-lg:hidden"} />
      {children}
    </Link>
  );
}

function subscribeToConnection(onChange: () => void): () => void {
  addEventListener("online", onChange);
  addEventListener("offline", onChange);
  return () => {
    removeEventListener("online", onChange);
    removeEventListener("offline", onChange);
  };
}

function OfflineLine() {
  const t = useText();
  const isOnline = useSyncExternalStore(subscribeToConnection, () => navigator.onLine);
  return (
    <div role="status">
      {!isOnline && (
        <p className="bg-warn-tint px-4 py-2 text-center text-sm">{t.failure.offline}</p>
      )}
    </div>
  );
}
