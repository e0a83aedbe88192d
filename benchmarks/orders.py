"""What is asked for under load: files of requests, one `PATH BODY` a line."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

REQUESTS = 5000
# Conversions in one request of the kind "batch".
IN_A_BATCH = 1000

Order = tuple[str, dict[str, Any]]


def fund(users: list[str], dice: random.Random) -> Order:
    """Money in."""
    return _path(dice.choice(users), "fund"), _amount(dice)


def withdraw(users: list[str], dice: random.Random) -> Order:
    """Money out."""
    return _path(dice.choice(users), "withdraw"), _amount(dice)


def convert(users: list[str], dice: random.Random) -> Order:
    """From USD to MXN, which takes two rates of the euro."""
    body = {
        "from_currency": "USD",
        "to_currency": "MXN",
        "amount": _amount(dice)["amount"],
    }
    return _path(dice.choice(users), "convert"), body


def transfer(users: list[str], dice: random.Random) -> Order:
    """Between any two users."""
    payer, payee = dice.sample(users, 2)
    return _path(payer, "transfer"), _amount(dice) | {"to_user_id": payee}


def hot_transfer(users: list[str], dice: random.Random) -> Order:
    """Half of all transfers go to the first user, or come from there."""
    payer, payee = dice.sample(users[1:], 2)
    where = dice.random()
    if where < 0.25:
        payer = users[0]
    elif where < 0.5:
        payee = users[0]
    return _path(payer, "transfer"), _amount(dice) | {"to_user_id": payee}


def batch(users: list[str], dice: random.Random) -> Order:
    """Many conversions in one request, all of them or none."""
    items = []
    for _ in range(IN_A_BATCH):
        path, order = convert(users, dice)
        items.append({"type": "conversion", "user_id": path.split("/")[3], **order})
    return "/v1/batches", {"items": items, "atomic": True}


KINDS: dict[str, Callable[[list[str], random.Random], Order]] = {
    "convert": convert,
    "fund": fund,
    "withdraw": withdraw,
    "transfer": transfer,
    "hot transfer": hot_transfer,
    "batch": batch,
}
# How many movements a request is; one, unless it says so here.
MOVEMENTS = {"batch": IN_A_BATCH}


def write_orders(folder: Path, name: str, users: list[str], kind: str) -> Path:
    """A file of requests of a kind, the same ones in every run."""
    dice = random.Random(kind)
    file = folder / f"{name} {kind}.txt"
    with file.open("w") as lines:
        for _ in range(REQUESTS // MOVEMENTS.get(kind, 1)):
            path, body = KINDS[kind](users, dice)
            lines.write(f"{path} {json.dumps(body)}\n")
    return file


def _path(user: str, action: str) -> str:
    return f"/v1/wallets/{user}/{action}"


def _amount(dice: random.Random) -> dict[str, str]:
    amount = f"{dice.randint(1, 99)}.{dice.randint(0, 99):02}"
    return {"currency": "USD", "amount": amount}
