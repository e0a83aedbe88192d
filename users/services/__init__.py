"""What changes about people's keys and logins. Users who hold money: see `wallets`."""

from users.services.api_keys import create_api_key, revoke_api_key
from users.services.readings import record_export, record_reading, record_sign_in
from users.services.staff import (
    change_staff,
    create_staff,
    reset_second_factor,
    set_password,
)

__all__ = [
    "change_staff",
    "create_api_key",
    "create_staff",
    "record_export",
    "record_reading",
    "record_sign_in",
    "reset_second_factor",
    "revoke_api_key",
    "set_password",
]
