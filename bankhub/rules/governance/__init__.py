"""What a person's file says, and what agreements make an organisation write down."""
