"""Small modules named by subject, with no knowledge of the product above them."""
