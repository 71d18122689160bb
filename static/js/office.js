/** The office starts here: pages come from the server and work as plain forms; this saves the reload and keeps boards moving. */

import "./office/live-board.js";
import "./office/look-switch.js";
import "./office/narrow-list.js";
import "./office/print-page.js";
import "./office/sign-here.js";

const FRAGMENT = "Offstage-Fragment";

/** Only answers of ours are swapped in: a captive portal's page is not, and the sign-in page is a page of its own. */
function takeOnlyOurs() {
  document.addEventListener("htmx:before:response", (event) => {
    const {raw, headers} = event.detail.ctx.response;
    const {pathname} = new URL(raw.url, location.href);
    if (pathname === "/signin") {
      event.preventDefault();
      location.assign(raw.url);
    } else if (!headers.has(FRAGMENT) && !headers.has("HX-Redirect")) {
      event.preventDefault();
      sayOffline();
    }
  });
  document.addEventListener("htmx:error", sayOffline);
}

/** The server was not reached: the form stays as it is, and the page says that nothing was saved. */
function sayOffline() {
  const notice = document.createElement("p");
  notice.className = "toast";
  notice.textContent = document.body.dataset.offline;
  document.getElementById("notices")?.replaceChildren(notice);
}

/** What was said about the last try is gone with the next one that works; a page that changed is read from its head. */
function tidyUp() {
  document.addEventListener("htmx:after:swap", ({detail}) => {
    if (detail.ctx.response?.status >= 400) return;
    document.getElementById("notices")?.replaceChildren();
    const page = document.getElementById("page");
    if (page?.querySelector(":scope > .toast")) page.scrollTo?.({top: 0});
  });
}

/** An address says what was asked for, and not what was left empty. */
function keepAddressesShort() {
  document.addEventListener("formdata", ({target, formData}) => {
    if (target.method !== "get") return;
    for (const [name, value] of [...formData]) if (value === "") formData.delete(name);
  });
}

takeOnlyOurs();
tidyUp();
keepAddressesShort();
