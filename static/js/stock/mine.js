/** What Today tells of counting: my stock takes, and the bin I was in the middle of. */

import {section} from "../floor/components.js";
import {html} from "../floor/html.js";
import {t} from "../floor/words.js";
import {takeRow} from "./take-row.js";
import {lastOpen, myTakes} from "./take.js";

/** @param {import("../floor/router.js").Context} ctx */
export function myCounts(ctx) {
  const takes = myTakes(ctx);
  return takes.length > 0 && section({id: "counts", title: t("stock.my_counts"), body: html`<ul>${takes.map((take) => takeRow(ctx, take))}</ul>`});
}

/** One tap back into the bin after a kill (F25). @param {import("../floor/router.js").Context} ctx */
export function resumeCount(ctx) {
  const count = lastOpen(ctx);
  const bin = count && ctx.replica.get("bin", count.bin_id);
  return bin && html`<a class="btn btn-main" href="/floor/count/${count.stock_take_id}/bin/${bin.id}">${t("stock.resume", {bin: bin.code})}</a>`;
}
