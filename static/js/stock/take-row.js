/** A stock take in a list of them. */

import {icon, ring, row} from "../floor/components.js";
import {html} from "../floor/html.js";
import {leftCue, leftText} from "../floor/time.js";
import {t} from "../floor/words.js";
import {isOver, placesOf, recountsOf} from "./take.js";

/** @param {import("../floor/router.js").Context} ctx @param {any} take */
export const takeRow = (ctx, take) => {
  const places = placesOf(ctx, take.id);
  const done = places.filter(isOver).length;
  const again = recountsOf(ctx, take.id).length;
  return row({
    href: `/floor/count/${take.id}`, lead: icon("stock"), ask: take.title, end: ring({done, total: places.length, label: t("stock.take.ring", {done, total: places.length})}),
    meta: html`${take.due_at && html`<span class="cue-${leftCue(take.due_at)}">${leftText(take.due_at)}</span>`}${again > 0 && html`<b class="cue-wait">${t("stock.take.recounts_n", {n: again})}</b>`}<span>${
      t(take.blind ? "stock.blind" : "stock.open_count")
    }</span>`,
  });
};
