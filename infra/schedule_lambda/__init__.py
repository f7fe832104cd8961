"""Starts and stops the machines at their hours: `decide` is pure, `handler` talks to EC2."""
