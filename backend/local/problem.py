"""What the start can't go on with, in one sentence that says what to do."""


class StartProblem(Exception):
    """A sentence for whoever typed `make run`."""
