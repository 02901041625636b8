"""What do the words of trade mean in fifteen languages, and whose words hold?"""
