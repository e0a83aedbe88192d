"""What two people of staff do together."""

from backoffice.services.approvals import approve, reject, request_approval
from backoffice.services.carry_out import carry_out_approved

__all__ = ["approve", "carry_out_approved", "reject", "request_approval"]
