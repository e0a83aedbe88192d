-- The triggers and constraints that keep the laws are there and switched on.
SELECT law.name AS offender,
       CASE WHEN enabled IS NULL THEN 'is missing' ELSE 'is switched off' END AS detail
  FROM (VALUES
        ('transactions_append_only'),
        ('transactions_entry_append_only'),
        ('transactions_conversion_append_only'),
        ('transactions_batch_append_only'),
        ('transactions_positionstep_append_only'),
        ('transactions_positionlimit_append_only'),
        ('transactions_key_unchanged'),
        ('transactions_entries_balance'),
        ('transactions_hold_begins'),
        ('transactions_hold_goes_forward'),
        ('transactions_hold_never_removed'),
        ('wallets_never_removed'),
        ('wallets_keep_identity'),
        ('wallets_balance_moves_with_version'),
        ('users_user_never_removed'),
        ('users_apikey_never_removed'),
        ('users_staffact_append_only'),
        ('users_userpast_append_only'),
        ('users_apikeypast_append_only'),
        ('wallets_walletpast_append_only'),
        ('fx_currencypast_append_only'),
        ('fx_feedpast_append_only'),
        ('backoffice_requests_never_removed'),
        ('backoffice_requests_stay'),
        ('backoffice_decisions_stay'),
        ('fx_rate_append_only'),
        ('fx_verdict_append_only'),
        ('fx_feederror_append_only'),
        ('fx_policy_append_only'),
        ('fx_quote_never_removed'),
        ('fx_quote_ends_once'),
        ('wallets_limit_never_removed'),
        ('wallets_limit_ends_once'),
        ('transactions_limituse_unchanged'),
        ('transactions_limituse_kept'),
        ('transactions_limitseries_never_removed'),
        ('transactions_limitseries_runs_on')
       ) AS law (name)
  LEFT JOIN (
        SELECT tgname::text AS name, tgenabled = 'A' AS enabled FROM pg_trigger
       ) AS present ON present.name = law.name
 WHERE enabled IS DISTINCT FROM true
UNION ALL
SELECT law.name, 'is missing or not validated'
  FROM (VALUES
        ('transactions_entry_amount_positive'),
        ('transactions_key_has_one_outcome'),
        ('transactions_captures_have_holds'),
        ('transactions_hold_is_not_exceeded'),
        ('transactions_hold_status_says_what_was_captured'),
        ('fx_quote_ended_when_not_open'),
        ('wallets_available_never_negative'),
        ('wallets_parts_never_negative'),
        ('wallets_house_balance_is_in_its_entries'),
        ('wallets_customers_have_owners')
       ) AS law (name)
 WHERE NOT EXISTS (
        SELECT FROM pg_constraint WHERE conname = law.name AND convalidated)
UNION ALL
SELECT law.name, 'is missing or not valid'
  FROM (VALUES
        ('transactions_one_entry_per_wallet_version'),
        ('transactions_reference_unique_per_owner'),
        ('transactions_reversed_once'),
        ('transactions_hold_reference_unique_per_owner'),
        ('transactions_hold_uses_a_quote_once'),
        ('transactions_reference_unique_of_the_house'),
        ('transactions_one_position_step'),
        ('transactions_quote_used_once'),
        ('transactions_idempotencykey_pkey'),
        ('transactions_entry_pkey'),
        ('transactions_limituse_pkey'),
        ('transactions_one_limit_series'),
        ('wallets_one_limit_per_scope'),
        ('wallets_one_live_per_owner_and_currency'),
        ('wallets_one_house_account_per_currency')
       ) AS law (name)
 WHERE NOT EXISTS (
        SELECT FROM pg_class JOIN pg_index ON indexrelid = pg_class.oid
         WHERE relname = law.name AND indisunique AND indisvalid)
