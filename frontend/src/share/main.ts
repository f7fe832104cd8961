/** The recipient's page. It needs no account, no framework and no second request to draw itself. */

import "../player/player.css";
import { readSharedMessage } from "./message";
import { showGone, showMessage } from "./page";
import { chooseLocale } from "./texts";

const page = document.getElementById("page");
const message = readSharedMessage(document);
const locale = chooseLocale(location.search, navigator.languages, message?.language ?? "");

if (page && message) showMessage(page, message, locale);
else if (page) showGone(page, locale);
