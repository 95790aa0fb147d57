"""May whoever was booked start, and is the local induction signed?"""
