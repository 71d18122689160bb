"""Handbook: the rules in force, the emergency playbooks, fault plans, units and zones, as everybody reads them.

Who. Everybody reads; the starter pack loads the texts (`starter`), whose documents are kept by `documents`.

States. A text is as it stands now; the handbook names its version and the day it takes effect. Offline: all of it. Playbooks
and emergency numbers lie in the bucket that a device reads with nobody signed in (SAF-1); rules, fault plans, units and zones
are for every device of the organisation.
"""
