"""Random work of every kind, and after each step the product against a simple model.

`tests/model` says in plain Python what ought to be. Each step is asked of both: they
have to give the same answer, be it a refusal's code, and afterwards every wallet, house
account, hold, limit and history has to be the same in both.

`STATEFUL_EXAMPLES=2000` lets it go on for longer.
"""

import os
from datetime import timedelta

import pytest
from django.db import connection
from django.db import transaction as db_transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests import domain
from tests.model.bench import EVERYBODY, Bench
from tests.model.draws import (
    amounts,
    asks,
    currencies,
    lasts,
    limits,
    numbers,
    pairs,
    part_of,
    parts,
    payees,
    policies,
    previews,
    sources,
    users,
    wide_limits,
)
from tests.model.told import document, text
from tests.model.world import DAY, Ask
from tests.wipe import let_time_pass
from transactions import services
from transactions.audit import audit
from transactions.models import Side
from wallets.models import Wallet
from wallets.services import end_limit, freeze_wallet, unfreeze_wallet

EXAMPLES = int(os.environ.get("STATEFUL_EXAMPLES", "15"))
STEPS = 40
NOTHING_ELSE = Ask()

# The model and the machine would be most of what is measured.
pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.no_cover]


class Movements(RuleBasedStateMachine):
    """Two customers with some money, and the ways to move it."""

    @initialize(policy=policies, wide=wide_limits)
    def open(self, policy, wide):
        # As in any test, what services make durable is rolled back in the end.
        self.unfinished = db_transaction.atomic()
        self.unfinished._from_testcase = True
        self.unfinished.__enter__()
        self.bench = Bench.begin(policy)
        for name in EVERYBODY:
            for code, units in (("USD", 50_000), ("EUR", 30_000), ("JPY", 20_000)):
                self.put(name, code, units)
        self.bench.set_limit(wide, 0)

    def teardown(self):
        try:
            if not connection.needs_rollback:
                self.bench.compare_histories(999)
                connection.check_constraints()
                assert [check for check in audit().checks if check.offenders] == []
        finally:
            db_transaction.set_rollback(True)
            self.unfinished.__exit__(None, None, None)

    @invariant()
    def both_are_the_same(self):
        self.bench.compare()

    def put(self, name, code, units, ask=NOTHING_ELSE, **how):
        user, money = self.bench.users[name], text(units, code)
        self.bench.ask(
            ask,
            lambda model: model.fund(ask, name, code, units),
            lambda **words: domain.fund(user, money, **words),
            **how,
        )

    def other(self, name):
        return next(one for one in EVERYBODY if one != name)

    # Moving money.

    @rule(name=users, code=currencies, amount=amounts, ask=asks, preview=previews)
    def fund(self, name, code, amount, ask, preview):
        units = self.bench.units(amount, name, code, "fund")
        self.put(name, code, units, ask, preview=preview)

    @rule(name=users, code=currencies, amount=amounts, ask=asks, preview=previews)
    def withdraw(self, name, code, amount, ask, preview):
        units = self.bench.units(amount, name, code, "withdrawal")
        user, money = self.bench.users[name], text(units, code)
        self.bench.ask(
            ask,
            lambda model: model.withdraw(ask, name, code, units),
            lambda **words: domain.withdraw(user, money, **words),
            preview=preview,
        )

    @rule(name=users, code=currencies, amount=amounts, ask=asks, preview=previews)
    def transfer(self, name, code, amount, ask, preview):
        units, to = self.bench.units(amount, name, code, "transfer"), self.other(name)
        user, payee = self.bench.users[name], self.bench.users[to]
        money = text(units, code)
        self.bench.ask(
            ask,
            lambda model: model.transfer(ask, name, code, units, to),
            lambda **words: domain.transfer(user, money, to=payee, **words),
            preview=preview,
        )

    @rule(name=users, code=currencies, amount=amounts, plus=st.booleans(), ask=asks)
    def adjust(self, name, code, amount, plus, ask):
        units, user = self.bench.units(amount, name, code, ""), self.bench.users[name]
        side = Side.CREDIT if plus else Side.DEBIT
        self.bench.ask(
            ask,
            lambda model: model.adjust(ask, name, code, units if plus else -units),
            lambda **words: domain.adjust(user, text(units, code), side, **words),
        )

    @rule(pair=pairs, sold=st.integers(1, 9999), bought=st.integers(1, 9999), ask=asks)
    def hedge(self, pair, sold, bought, ask):
        source, target = pair
        self.bench.ask(
            ask,
            lambda model: model.hedge(ask, (source, sold), (target, bought)),
            lambda **words: domain.hedge(
                text(sold, source), for_=text(bought, target), **words
            ),
        )

    @rule(name=users, pair=pairs, amount=amounts, ask=asks, preview=previews)
    def convert(self, name, pair, amount, ask, preview):
        source, target = pair
        units = self.bench.units(amount, name, source, "conversion")
        user, money = self.bench.users[name], text(units, source)
        self.bench.ask(
            ask,
            lambda model: model.convert(ask, name, source, target, units, "source"),
            lambda **words: domain.convert(user, money, to=target, **words),
            preview=preview,
        )

    @rule(name=users, pair=pairs, units=st.integers(1, 30_000), ask=asks)
    def buy(self, name, pair, units, ask):
        source, target = pair
        user, money = self.bench.users[name], text(units, target)
        self.bench.ask(
            ask,
            lambda model: model.convert(ask, name, source, target, units, "target"),
            lambda **words: domain.buy(user, money, with_=source, **words),
        )

    @rule(
        name=users, code=currencies, amount=amounts, sources=sources,
        ask=asks, preview=previews,
    )  # fmt: skip
    def pay(self, name, code, amount, sources, ask, preview):
        units, to = self.bench.units(amount, name, code, "transfer"), self.other(name)
        user, payee = self.bench.users[name], self.bench.users[to]
        money = text(units, code)
        self.bench.ask(
            ask,
            lambda model: model.pay(ask, name, code, units, to, sources),
            lambda **words: domain.pay(user, money, sources, to=payee, **words),
            preview=preview,
        )

    @rule(name=users, pair=pairs, amount=amounts, lock=st.sampled_from(["5m", "24h"]))
    def quote(self, name, pair, amount, lock):
        units = self.bench.units(amount, name, pair[0], "conversion")
        self.bench.promise(name, *pair, units, lock)

    @rule(number=numbers, ask=asks, preview=previews)
    @precondition(lambda self: self.bench.quotes)
    def convert_at(self, number, ask, preview):
        number %= len(self.bench.quotes)
        quote, user = self.bench.quotes[number]
        self.bench.ask(
            ask,
            lambda model: model.convert_at(ask, number),
            lambda **words: domain.convert_at(user, quote, **words),
            preview=preview,
        )


class Desk(Movements):
    """And everything else that can be done: promised, undone, stopped and limited."""

    @rule(
        name=users, code=currencies, amount=amounts, paid=st.booleans(), lasts=lasts,
        ask=asks, preview=previews,
    )  # fmt: skip
    def hold(self, name, code, amount, paid, lasts, ask, preview):
        units = self.bench.units(amount, name, code, "capture")
        to = self.other(name) if paid else None
        user, money = self.bench.users[name], text(units, code)
        self.bench.ask(
            ask,
            lambda model: model.hold(ask, name, code, units, to, lasts),
            lambda **words: domain.hold(
                user, money, to=self.bench.users.get(to), days=lasts / DAY, **words
            ),
            preview=preview,
        )

    @rule(
        name=users, pair=pairs, amount=amounts, to=payees, lasts=lasts, ask=asks,
        preview=previews,
    )  # fmt: skip
    def hold_converting(self, name, pair, amount, to, lasts, ask, preview):
        source, target = pair
        units = self.bench.units(amount, name, source, "capture")
        user, payee = self.bench.users[name], self.bench.users.get(to)
        self.bench.ask(
            ask,
            lambda model: model.hold_converting(
                ask, name, source, units, target, to, lasts
            ),
            lambda **words: domain.hold_converting(
                user,
                text(units, source),
                into=target,
                to=payee,
                lasts=timedelta(minutes=lasts),
                **words,
            ),
            preview=preview,
        )

    @rule(number=numbers, to=payees, lasts=lasts, ask=asks)
    @precondition(lambda self: self.bench.quotes)
    def hold_at(self, number, to, lasts, ask):
        number %= len(self.bench.quotes)
        quote, user = self.bench.quotes[number]
        payee = self.bench.users.get(to)
        self.bench.ask(
            ask,
            lambda model: model.hold_at(ask, number, to, lasts),
            lambda **words: domain.hold_at(
                user, quote, to=payee, lasts=timedelta(minutes=lasts), **words
            ),
        )

    @rule(
        number=numbers, part=parts, final=st.sampled_from([False, False, True]),
        ask=asks, preview=previews,
    )  # fmt: skip
    @precondition(lambda self: self.bench.holds)
    def capture(self, number, part, final, ask, preview):
        number = self.bench.hold_of(number)
        held, hold = self.bench.holds[number], self.bench.model.holds[number]
        units = part_of(hold.amount - hold.captured, part)
        amount = text(units, hold.wallet.currency).split()[0]
        self.bench.ask(
            ask,
            lambda model: model.capture(ask, number, units, final=final),
            lambda **words: domain.capture(held, amount, final=final, **words),
            preview=preview,
        )

    @rule(name=users, pair=pairs, amount=amounts, to=payees, part=parts)
    def promise_and_pay(self, name, pair, amount, to, part):
        """What is kept for a customer is seldom left alone for long."""
        plain = {"ask": NOTHING_ELSE, "preview": False}
        there = len(self.bench.holds)
        self.hold_converting(name, pair, amount, to, 3 * DAY, **plain)
        if len(self.bench.holds) > there:
            # `hold_of` takes the newest of the active ones.
            self.capture(-1, part, final=False, **plain)

    @rule(name=users, pair=pairs, amount=amounts, minutes=st.sampled_from([29, 30]))
    def convert_and_regret(self, name, pair, amount, minutes):
        plain = {"ask": NOTHING_ELSE, "preview": False}
        there = len(self.bench.posted)
        self.convert(name, pair, amount, **plain)
        if len(self.bench.posted) > there:
            self.time_passes(minutes)
            self.reverse(there, **plain)

    @rule(number=numbers, ask=asks, preview=previews)
    @precondition(lambda self: self.bench.holds)
    def void(self, number, ask, preview):
        number = self.bench.hold_of(number)
        held = self.bench.holds[number]
        self.bench.ask(
            ask,
            lambda model: model.void(ask, number),
            lambda **words: domain.void(held, **words),
            preview=preview,
        )

    @rule(minutes=st.sampled_from([4, 30, 480, *[DAY - 1] * 3, DAY, 6 * DAY, 24 * DAY]))
    def time_passes(self, minutes):
        let_time_pass(timedelta(minutes=minutes))
        self.bench.model.now += minutes

    @rule()
    def sweep(self):
        services.expire_holds()
        self.bench.model.sweep()

    @rule(number=numbers, ask=asks, preview=previews)
    @precondition(lambda self: self.bench.posted)
    def reverse(self, number, ask, preview):
        number %= len(self.bench.posted)
        posted = self.bench.posted[number]
        self.bench.ask(
            ask,
            lambda model: model.reverse(ask, number),
            lambda **words: domain.reverse(posted, **words),
            preview=preview,
        )

    @rule(number=numbers, part=parts, ask=asks, preview=previews)
    @precondition(lambda self: self.bench.posted)
    def refund(self, number, part, ask, preview):
        number = self.bench.payment_of(number)
        posted, move = self.bench.posted[number], self.bench.model.moves[number]
        units = part_of(self.bench.model.refundable(move), part)
        code = posted.entries[0].currency
        self.bench.ask(
            ask,
            lambda model: model.refund(ask, number, units),
            lambda **words: domain.refund(
                posted, text(units, code).split()[0], **words
            ),
            preview=preview,
        )

    @rule(number=numbers, frozen=st.booleans())
    def freeze(self, number, frozen):
        wallets = list(self.bench.model.wallets.values())
        wallet = wallets[number % len(wallets)]
        (freeze_wallet if frozen else unfreeze_wallet)(self.wallet_id(wallet))
        wallet.frozen = frozen

    def wallet_id(self, wallet):
        owner = self.bench.users[wallet.user]
        return Wallet.objects.get(owner=owner, currency=wallet.currency).id

    @rule(limit=limits, number=numbers)
    def limit(self, limit, number):
        self.bench.set_limit(limit, number)

    @rule(number=numbers)
    @precondition(lambda self: self.bench.model.limits)
    def end_limit(self, number):
        limit = self.bench.model.limits.pop(number % len(self.bench.model.limits))
        end_limit(self.bench.limits[limit.scope].id, reason="A test.")

    @rule(policy=policies)
    def publish(self, policy):
        domain.charge(**document(policy))
        self.bench.model.policy = policy

    @rule(number=numbers, otherwise=st.booleans())
    def ask_again(self, number, otherwise):
        self.bench.ask_again(number, otherwise=otherwise)


class TestDesk:
    def test_does_what_the_model_does(self):
        run_state_machine_as_test(
            Desk,
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=STEPS,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
