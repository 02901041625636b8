"""What does one cell say?"""
