/** The database is opened before anything else is read, while the words are still on their way. */

import {device} from "./device.js";

device().catch(() => {}); // whoever asks next is told
