/** The floor starts here: htmx is given the device's own server, the page that was asked for is rendered, and kept true. */

import "./elements/clocks.js";
import "./elements/sync-badge.js";
import {device} from "./floor/device.js";
import {FRAGMENT} from "./floor/answers.js";
import {handle} from "./floor/handle.js";
import {rememberRun} from "./floor/last.js";
import {askPage, keepTrue} from "./floor/live.js";
import {groupKeys, keepPlace, sweepNotices} from "./floor/moves.js";
import {hearInstallOffer} from "./floor/place.js";
import {tellTime} from "./floor/time.js";
import {keepFresh} from "./floor/update.js";

const isFloor = (address) => new URL(address, location.href).pathname.startsWith("/floor/");

/** Taps and links inside the floor never touch the network; a link out of it is an ordinary page load. */
function serveLocally() {
  document.addEventListener("htmx:config:request", (event) => {
    const {ctx} = event.detail;
    if (isFloor(ctx.request.action)) ctx.fetch = (url, init) => handle(new Request(new URL(url, location.href), init));
    else if (ctx.request.method === "GET") {
      event.preventDefault();
      location.assign(ctx.request.action);
    }
  });
  document.addEventListener("htmx:before:response", (event) => {
    if (!event.detail.ctx.response.headers.has(FRAGMENT)) event.preventDefault();
  });
}

/** Pages that say something about this browser say it anew. */
const isAboutBrowser = () => ["/floor/more", "/floor/today", "/floor/enrol"].includes(location.pathname);

/** The list one is in, for "go on where you stopped". */
function rememberPlace(replica) {
  const run = location.pathname.match(/^\/floor\/run\/([^/]+)/)?.[1];
  if (run) rememberRun(replica.meta.person, run);
}

/** Times are told where the site is, by the server's clock. */
function tellSiteTime(replica) {
  tellTime(replica.all("site")[0]?.time_zone, () => replica.clock.now());
}

async function showFirst() {
  if (!isFloor(location.href) || ["/floor/", "/floor/shell"].includes(location.pathname)) history.replaceState(null, "", "/floor/today");
  const response = await handle(new Request(location.href));
  await window.htmx.swap({text: await response.text(), target: "#page", swap: "outerHTML", sourceElement: document.body});
}

serveLocally();
keepPlace();
groupKeys();
sweepNotices();
const replica = await device();
tellSiteTime(replica);
await showFirst();
keepTrue(replica);
rememberPlace(replica);
document.addEventListener("htmx:after:swap", () => rememberPlace(replica));
replica.on("change", () => tellSiteTime(replica));
const showNews = () => isAboutBrowser() && askPage();
hearInstallOffer(showNews);
keepFresh(showNews);
