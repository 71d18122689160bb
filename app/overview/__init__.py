"""The overview: the first page of the office, a board of tonight that moves by itself.

Who. Everybody who signs in lands here. Who reads lists sees the shows of tonight with their gates on a clock, what keeps them
off air, what waits for this person's word, and what just happened. Whoever works on the floor is shown the way there.

It owns no rows and no verbs: it reads lists, shows and exceptions. Office only; the floor's first page is its own
(`static/js/floor/pages/today.js`). The frame that all office pages share gets its figures from here (`views.init_app`).
"""
