/** The floor's work on lists: a file of its own. Each of its pages runs when it is first opened. */

import("./references.js").then(({keepReferences}) => keepReferences());

export const pages = () => import("./pages.js");
export const verbs = () => import("./verbs.js");
