/** The one replica of this page. */

import {openReplica} from "../replica/index.js";
import {wasHere} from "./activity.js";

let opening = null;

/** Opened once; every page, verb and element asks here. @returns {Promise<any>} */
export const device = () => (opening ??= openReplica({isReturn: wasHere()}));
