"""What ends a question without a result."""


class NotDone(Exception):
    """A question is refused, or cannot be answered. The text is one sentence for whoever asked."""
