"""Why a subscription cannot be had now."""


class Unavailable(Exception):
    """The sentence goes to the client."""
