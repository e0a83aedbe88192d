"""Who may ask, and who may decide: never one and the same, and never about oneself.

What cannot be forged is checked here, behind every page: the console's buttons are only
offered to whoever may press them.
"""

from datetime import timedelta
from uuid import UUID

from backoffice.approval_kinds import KINDS
from backoffice.models import ApprovalRequest, Decision
from paymentprocessor.api.errors import Refusal
from users.models import StaffAct
from users.rights import staff_of

DECIDES = "backoffice.decide_approval"
# Whoever makes or resets a login learns how to get in, and may be who signs in for a
# while; after so long, its owner would have noticed.
SUSPECT_FOR = timedelta(days=7)
_OPENED = ("staff.created", "staff.password_set", "staff.second_factor_reset")


def check_maker(kind: str, maker_id: UUID | None) -> None:
    """Whether somebody may ask for such a thing, at this moment.

    :raises Refusal:
    """
    maker = staff_of(maker_id)
    if maker is None or not maker.has_perm(KINDS[kind].permission):
        raise Refusal("Whoever asks for this has to be allowed to, also at the end.")


def check_checker(request: ApprovalRequest, checker_id: UUID | None) -> None:
    """Whether somebody may decide this request.

    :raises Refusal: they may not decide, it is their own or about them, or it cannot be
        told from its maker that they are another.
    """
    if request.maker_id == checker_id:
        raise Refusal("Somebody else has to decide what you asked for.")
    checker = staff_of(checker_id)
    if checker is None or not checker.has_perm(DECIDES):
        raise Refusal("Deciding takes the right to.")
    concerned = KINDS[request.kind].concerned(request.payload)
    if checker.pk in {request.customer_id, *concerned}:
        raise Refusal("It is about you: somebody else has to decide.")
    since = request.requested_at - SUSPECT_FOR
    opened = StaffAct.objects.filter(kind__in=_OPENED, subject_id=str(checker.pk))
    if opened.filter(staff_id=request.maker_id, occurred_at__gte=since).exists():
        raise Refusal(
            "Whoever asked made or reset your login within the last days: somebody "
            "else has to decide."
        )


def check_undecided(request: ApprovalRequest) -> None:
    """:raises Refusal: it has been decided."""
    if request.decision != Decision.PENDING:
        raise Refusal(f"The request has been decided: it is {request.decision}.")
