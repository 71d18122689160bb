"""Demo: a site alive enough to judge the product by, made by the product's own operations.

Who. Whoever runs Offstage for the first time: `make run` loads it into an empty installation; `python -m app.demo remove`
takes it away and leaves an empty one.

States. Loaded or not. Its shows lie around today: yesterday's with every list signed, tonight's about three hours from the
moment it is made with its safety list signed and its set half built, next week's only planned. Offline: nothing of its own.

`cast.py` is who works there, `goods.py` what lies in the warehouse, `warehouse.py` what moved there for a month and
`counts.py` what was counted, `story.py` what the crew did for the shows, `pictures.py` their photos and signatures;
`loading.py` plays it all with the clock moved back, so that the log is a real one. The same moment gives the same story.
The site stands in Shanghai, and elsewhere by `DEMO_TIME_ZONE`, as in browser tests: near midnight tonight's show is tomorrow's.
"""
