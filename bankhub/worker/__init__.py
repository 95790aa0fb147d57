"""Background work in its own process: announcements, mail, figures, the audit log."""
