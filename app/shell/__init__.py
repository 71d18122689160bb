"""The shell: what every page stands on, and the floor's one page.

Story. A browser asks for `/floor/…` and gets the same small page whatever the address; the JavaScript of the build it names
renders the rest from the device's replica. The service worker (`/sw.js`) keeps that page and the build's files, so that the
floor opens with the server dead. `/healthz` says that the server lives, `/readyz`
that it can take work. Nothing here knows a person.
"""
