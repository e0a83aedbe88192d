"""Refusals that speak of people."""

from paymentprocessor.api.errors import NotFound, Refusal


class UserNotFound(NotFound):
    """No such user, or not one that this key may see."""

    code = "user_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such user.")


class UserDeleted(NotFound):
    """The user was deleted; what they did stays on the books."""

    code = "user_deleted"

    def __init__(self) -> None:
        super().__init__("This user has been deleted.")


class DuplicateExternalId(Refusal):
    """An external id names one person, deleted or not."""

    status = 409
    code = "duplicate_external_id"

    def __init__(self, external_id: str) -> None:
        super().__init__(
            "Another user, perhaps a deleted one, has this external_id.",
            external_id=external_id,
        )
