"""The demo: one real integrated care system with invented people, and a clock that can be moved."""
