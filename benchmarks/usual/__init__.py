"""The usual way: the same service as Django REST framework is ordinarily used.

It does what a careful programmer would have it do: tokens, transactions, row locks in
one order, an idempotency key, both sides of each movement, an event. And it is spared
what would only make it slower: its house accounts are names, not rows, the connections
are pooled, and the locks are one statement.
"""
