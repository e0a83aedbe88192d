"""What two people of staff do together."""

from backoffice.services.approvals import (
    approve,
    carry_out_approved,
    reject,
    request_approval,
)

__all__ = ["approve", "carry_out_approved", "reject", "request_approval"]
