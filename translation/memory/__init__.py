"""What was translated before, and may be used again?"""
