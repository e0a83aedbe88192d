"""What changes about people's keys. Users themselves hold money: see `wallets`."""

from users.services.api_keys import create_api_key, revoke_api_key

__all__ = ["create_api_key", "revoke_api_key"]
