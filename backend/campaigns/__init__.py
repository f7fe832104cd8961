"""One script for many names: a template, a list of people, and a message for each of them."""
