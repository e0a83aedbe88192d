"""What one of staff requests and another approves: one file per kind.

To add one: a `Movement` or a `Change` of its own, a line in `KINDS`, and a form or
dialog that calls `backoffice.services.request_approval`.
"""

import hashlib
import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from backoffice.approval_kinds.adjustment import Adjustment
from backoffice.approval_kinds.breaker import CloseBreaker
from backoffice.approval_kinds.kind import Change, Facts, Kind, Movement, Payload
from backoffice.approval_kinds.limits import EndLimit, SetLimit
from backoffice.approval_kinds.position_limit import SetPositionLimit
from backoffice.approval_kinds.pricing import PublishPolicy
from backoffice.approval_kinds.rates import GiveRate, RecordRates
from backoffice.approval_kinds.reversal import Reversal
from backoffice.approval_kinds.rights import SetRights

KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "adjustment": Adjustment(),
        "breaker_reset": CloseBreaker(),
        "limit": SetLimit(),
        "limit_end": EndLimit(),
        "position_limit": SetPositionLimit(),
        "pricing_policy": PublishPolicy(),
        "rate": GiveRate(),
        "rates": RecordRates(),
        "reversal": Reversal(),
        "rights": SetRights(),
    }
)

__all__ = ["KINDS", "Change", "Facts", "Kind", "Movement", "Payload", "digest_of"]


def digest_of(kind: str, payload: Payload) -> bytes:
    """The SHA-256 of the request in canonical JSON: sorted keys, no blanks."""
    said = json.dumps(
        {"kind": kind, "payload": payload},
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )
    return hashlib.sha256(said.encode()).digest()
