"""What changes about people's keys and logins. Users who hold money: see `wallets`."""

from users.services.api_keys import create_api_key, revoke_api_key
from users.services.readings import record_export, record_reading, record_sign_in
from users.services.staff import (
    create_staff,
    rename_login,
    reset_second_factor,
    set_password,
    set_rights,
)

__all__ = [
    "create_api_key",
    "create_staff",
    "record_export",
    "record_reading",
    "record_sign_in",
    "rename_login",
    "reset_second_factor",
    "revoke_api_key",
    "set_password",
    "set_rights",
]
