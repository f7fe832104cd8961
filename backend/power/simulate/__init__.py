"""What a policy would have cost and how long people would have waited: the decision, replayed."""
