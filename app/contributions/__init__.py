"""What people say: submit, receipt, follow, list, show."""
