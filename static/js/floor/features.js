/**
 * Who answers for which address of the floor. The first word after /floor/ names a feature's modules; they are imported when their
 * route is first asked.
 *
 * A pages module exports `pages = {"/floor/run/:id": async (ctx) => Html | Response}`, a verbs module
 * `verbs = {"POST /floor/run/:id/answers": async (ctx) => Html | Response}`. `ctx` is described in router.js.
 *
 * @typedef {{pages: () => Promise<any>, verbs?: () => Promise<any>, isOpen?: boolean}} Feature
 *   isOpen: works before anybody has signed in on this device (SAF-1)
 */

const part = (load) => (name) => async () => (await load())[name]();
const lock = part(() => import("./lock/index.js"));
const run = part(() => import("../checklists/index.js"));
const stock = part(() => import("../stock/index.js"));
const checklists = {pages: run("pages"), verbs: run("verbs")};
const locking = {pages: lock("pages"), verbs: lock("verbs"), isOpen: true};
const count = {pages: stock("count"), verbs: stock("verbs")};

/** @type {Record<string, Feature>} */
export const features = {
  today: {pages: () => import("./pages/today.js")},
  lists: {pages: () => import("./pages/lists.js")},
  run: checklists,
  start: checklists,
  scan: {pages: stock("scan")},
  stock: {pages: stock("goods")},
  count,
  outbox: {pages: () => import("./pages/outbox.js"), verbs: () => import("./verbs/outbox.js")},
  receipt: {pages: () => import("./pages/outbox.js")},
  emergency: {pages: () => import("./pages/emergency.js"), verbs: () => import("./verbs/emergency.js"), isOpen: true},
  handbook: {pages: () => import("../handbook/pages.js")},
  more: {pages: () => import("./pages/more.js"), verbs: () => import("./verbs/more.js"), isOpen: true},
  check: {pages: () => import("./pages/check.js"), verbs: () => import("./verbs/check.js"), isOpen: true},
  lock: locking,
  pin: locking,
  enrol: {pages: () => import("./pages/enrol.js"), verbs: () => import("./verbs/enrol.js"), isOpen: true},
};

/**
 * Verbs modules by the first half of an operation's type. Such a module may export
 * `redo = {"checklists.accept_run": (operation) => "/floor/run/…?note=…"}`: where a rejected operation is done again, prefilled.
 * @type {Record<string, () => Promise<any>>}
 */
export const operationsOf = {
  checklists: checklists.verbs,
  stock: count.verbs,
};
