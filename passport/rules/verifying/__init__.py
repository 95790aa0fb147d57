"""May what is shown be believed, here and now?"""
