"""Can this policy or this site be, as it was sent?"""
