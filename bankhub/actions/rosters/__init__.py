"""A roster file against what is on record: vacancies, duties, and what it no longer asks for."""
