"""Which rows are one product, and what does it hold?"""
