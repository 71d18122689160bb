/** The floor starts here: htmx is given the device's own server, the page that was asked for is rendered, then kept true. */

import "./floor/opening.js";
import {FRAGMENT} from "./floor/answers.js";
import {device} from "./floor/device.js";
import {handle, remembered} from "./floor/handle.js";
import {released, watchPress} from "./floor/press.js";
import {tellTime} from "./floor/time.js";
import {t} from "./floor/words.js";

const isFloor = (address) => new URL(address, location.href).pathname.startsWith("/floor/");

/** Taps and links inside the floor never touch the network; a link out of it is an ordinary page load. */
function serveLocally() {
  document.addEventListener("htmx:config:request", (event) => {
    const {ctx} = event.detail;
    if (isFloor(ctx.request.action)) {
      ctx.fetch = (url, init) => {
        const request = new Request(new URL(url, location.href), init);
        return remembered(request, released().then(() => handle(request)));
      };
    } else if (ctx.request.method === "GET") {
      event.preventDefault();
      location.assign(ctx.request.action);
    }
  });
  document.addEventListener("htmx:before:response", (event) => {
    if (!event.detail.ctx.response.headers.has(FRAGMENT)) event.preventDefault();
  });
}

/** Times are told where the site is, by the server's clock. */
const tellSiteTime = (replica) => tellTime(replica.all("site")[0]?.time_zone, () => replica.clock.now());

async function showFirst() {
  if (["/floor/", "/floor/shell"].includes(location.pathname)) history.replaceState(null, "", "/floor/today");
  const response = await handle(new Request(location.href));
  await window.htmx.swap({text: await response.text(), target: "#page", swap: "outerHTML", sourceElement: document.body});
}

/** What the first picture does not need comes after it. */
async function comeAlive(replica) {
  const [{keepTrue, askPage}, {groupKeys, keepPlace, sweepNotices}, {hearInstallOffer}, {keepFresh, keepLater}, {keepTurns}] = await Promise.all([
    import("./floor/live.js"), import("./floor/moves.js"), import("./floor/place.js"), import("./floor/update.js"), import("./floor/turns.js"),
    import("./elements/clocks.js"), import("./elements/sync-badge.js"),
  ]);
  keepTrue(replica);
  keepTurns(replica);
  keepPlace();
  groupKeys();
  sweepNotices();
  replica.on("change", () => tellSiteTime(replica));
  // Pages that say something about this browser say it anew.
  const showNews = () => ["/floor/more", "/floor/today", "/floor/enrol"].includes(location.pathname) && askPage();
  hearInstallOffer(showNews);
  keepFresh(showNews);
  keepLater(replica);
  await import("./checklists/index.js"); // what is most likely opened next
}

/** No database at all (private mode of some browsers): nothing can be kept, and nothing may look as if it were. */
function refuse(error) {
  document.getElementById("page").textContent = t("floor.no_storage");
  throw error;
}

serveLocally();
watchPress();
const replica = await device().catch(refuse);
tellSiteTime(replica);
await showFirst();
await comeAlive(replica);
