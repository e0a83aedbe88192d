"""What an API key may do, in words; a key without the word may not."""

USERS_READ = "users:read"
USERS_WRITE = "users:write"
WALLETS_READ = "wallets:read"
WALLETS_WRITE = "wallets:write"
TRANSACTIONS_READ = "transactions:read"
TRANSACTIONS_WRITE = "transactions:write"
FX_READ = "fx:read"
FX_WRITE = "fx:write"
TREASURY_READ = "treasury:read"
TREASURY_WRITE = "treasury:write"
EVENTS_READ = "events:read"
WEBHOOKS_WRITE = "webhooks:write"
EVERYTHING = "*"

ALL_SCOPES = frozenset(
    {
        USERS_READ,
        USERS_WRITE,
        WALLETS_READ,
        WALLETS_WRITE,
        TRANSACTIONS_READ,
        TRANSACTIONS_WRITE,
        FX_READ,
        FX_WRITE,
        TREASURY_READ,
        TREASURY_WRITE,
        EVENTS_READ,
        WEBHOOKS_WRITE,
        EVERYTHING,
    }
)
