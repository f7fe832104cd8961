/** The recipient's page. It needs no account, no framework and no second request to draw itself. */

import "../player/player.css";
import { addressOfLink, callsOf, newViewerName } from "./calls";
import { showClosed } from "./closed";
import { readFacts } from "./message";
import { showMessage } from "./page";
import { askPassword } from "./password";
import { chooseLocale } from "./texts";

const page = document.getElementById("page");
const facts = readFacts(document);
const spoken = facts.state === "ok" ? facts.message.language : "";
const locale = chooseLocale(location.search, navigator.languages, spoken);
const calls = callsOf(addressOfLink(location.pathname), newViewerName());

if (page && facts.state === "ok") showMessage(page, facts.message, locale, calls);
else if (page && facts.state === "needs_password")
  askPassword(page, locale, calls, () => location.reload());
else if (page && facts.state !== "ok" && facts.state !== "needs_password")
  showClosed(page, facts.state, locale);
