/** Run the start-of-shift check and show what it found. */

import {runCheck} from "../check.js";
import {pages} from "../pages/check.js";

async function check(ctx) {
  await runCheck(ctx.replica, ctx.now);
  return pages["/floor/check"](ctx);
}

export const verbs = {"POST /floor/check": check};
