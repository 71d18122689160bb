"""What `make` runs beside the app itself: the browser, the rule and operation tables, the pictures."""
