"""Phones and tablets on the local network (`make phones`).

Who: whoever sets the devices up, standing beside the computer that serves. A browser keeps a page offline
only when the page is secure, so the house makes its own certificate authority (`authority.py`), serves https
with it, and tells each phone once to trust it: `/phones` shows how on iOS and Android, `/phones/ca.crt` is
the certificate.

A phone that does not trust yet cannot open that page over https without a warning, so a second, plain door
(`door.py`) shows these pages and nothing else. No operations, no records, no rows: what there is lies in
DATA_DIR/certificates.
"""
