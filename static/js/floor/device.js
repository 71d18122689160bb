/** The one replica of this page. */

import {openReplica} from "../replica/index.js";

let opening = null;

/** Opened once; every page, verb and element asks here. @returns {Promise<any>} */
export const device = () => (opening ??= openReplica());
