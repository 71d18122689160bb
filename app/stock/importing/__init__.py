"""Files that bring products, bins or opening stock: read, compared row by row, and applied as a whole or not at all (GEN-10).

`columns.py` says which columns are understood, `products.py`, `bins.py` and `opening.py` what a row would do, `plan.py` is the
result as it is shown and kept until somebody applies it (`operations/imports.py`), `desk.py` reads in the background and tells
how far it is. Comparing changes nothing and holds no lock; what it was compared with is the plan's `basis`, and a plan whose
basis has changed is not applied.
"""
