"""What does the store know of texts, and what became of them?"""
