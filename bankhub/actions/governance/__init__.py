"""What is owed to people whose data this is: files, erasure, retention, records of processing."""
