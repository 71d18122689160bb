/** The floor's pages of counting: a stock take, one of its bins, the goods in it. */

import "../elements/photo-field.js";
import "../elements/scan-camera.js";
import "../elements/scan-field.js";
import {listen} from "./count/behaviour.js";
import {findPage} from "./count/find-page.js";
import {beginPage, finishPage} from "./count/finish.js";
import {goodsPage, linePage} from "./count/line.js";
import {countPage, padPage, statusPage} from "./count/page.js";
import {missingTake, takePage} from "./count/take-page.js";
import {viewOf} from "./count/view.js";

listen();

/** The bin a request names, while I count it; before that, the way to begin. @param {(view: any, ctx: any) => unknown} show */
export const inBin = (show) => async (ctx) => {
  const view = await viewOf(ctx, ctx.params.take, ctx.params.bin);
  if (!view) return missingTake(ctx);
  return view.count ? show(view, ctx) : beginPage(view);
};

/** The goods a request names; gone ones lead back to the bin. */
const ofLine = (show) =>
  inBin((view, {params}) => {
    const group = view.groups.find(({id}) => id === params.line);
    return group ? show(view, group) : countPage(view);
  });

const skip = async (ctx) => {
  const view = await viewOf(ctx, ctx.params.take, ctx.params.bin);
  return view ? beginPage(view, {skip: true}) : missingTake(ctx);
};

export const pages = {
  "/floor/count/:take": takePage,
  "/floor/count/:take/bin/:bin": inBin((view) => countPage(view)),
  "/floor/count/:take/bin/:bin/pad": inBin(padPage),
  "/floor/count/:take/bin/:bin/status": inBin(statusPage),
  "/floor/count/:take/bin/:bin/finish": inBin(finishPage),
  "/floor/count/:take/bin/:bin/find": inBin(findPage),
  "/floor/count/:take/bin/:bin/skip": skip,
  "/floor/count/:take/bin/:bin/line/:line": ofLine(linePage),
  "/floor/count/:take/bin/:bin/line/:line/goods": ofLine(goodsPage),
};
