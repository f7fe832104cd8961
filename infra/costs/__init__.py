"""What the system costs a month on AWS, from named prices. Needs Python 3.11 alone."""
