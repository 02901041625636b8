"""How does a supplier's own workbook go back to them, and what did they correct in it?"""
