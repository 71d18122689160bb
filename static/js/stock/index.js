/** The floor's work with goods: a file of its own, asked for by who scans or counts. Each of its pages runs when it is first opened. */

export const count = () => import("./count.js");
export const goods = () => import("./pages.js");
export const scan = () => import("./scan.js");
export const verbs = () => import("./verbs.js");
