"""From a request to the instruction that a movement takes."""

import hashlib
import json
from typing import Any

from rest_framework.request import Request

from paymentprocessor.api.errors import MalformedRequest
from paymentprocessor.api.headers import read_idempotency_key, read_if_match
from transactions.postings import PLATFORM, Instruction
from users.permissions import calling_key

_JSON = json.JSONEncoder(sort_keys=True, default=str)


def read_instruction(request: Request, words: dict[str, Any]) -> Instruction:
    """Who asks, under which key, and in which words (`reference` and so on)."""
    key = calling_key(request)
    return Instruction(
        principal_id=key.owner_id or PLATFORM,
        api_key_id=key.id,
        idempotency_key=read_idempotency_key(request),
        fingerprint=_fingerprint(request),
        expected_version=read_if_match(request),
        reference=words.get("reference"),
        description=words.get("description", ""),
        metadata=words.get("metadata", {}),
        preview=words.get("preview", False),
    )


def worded(instruction: Instruction, item: dict[str, Any]) -> Instruction:
    """The same principal's instruction for one item of a batch, in the item's words.

    The key is the batch's alone.
    """
    return Instruction(
        principal_id=instruction.principal_id,
        api_key_id=instruction.api_key_id,
        reference=item.get("reference"),
        description=item.get("description", ""),
        metadata=item.get("metadata", {}),
    )


def without_version(instruction: Instruction) -> Instruction:
    """The same instruction, where no one wallet is meant that a version could be of.

    :raises MalformedRequest: it has an `If-Match`.
    """
    if instruction.expected_version is not None:
        raise MalformedRequest("If-Match has no meaning here.")
    return instruction


def _fingerprint(request: Request) -> bytes:
    """The same 32 bytes for the same request, however its JSON was laid out."""
    said = _JSON.encode(
        [
            request.method,
            # Ids in it are the same in either case.
            request.path.lower(),
            request.META.get("HTTP_IF_MATCH"),
            request.data,
        ]
    )
    return hashlib.sha256(said.encode()).digest()
