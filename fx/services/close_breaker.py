"""Close the breaker of a pair: a person looked, and takes the level as it is."""

from datetime import datetime

from fx.breaker import take_turn, verdict_on
from fx.market import PIVOT, current_limits, markets
from fx.models import Verdict
from paymentprocessor.api.errors import Refusal
from paymentprocessor.database.opens_transaction import opens_transaction
from users.acts import Actor, record_act


@opens_transaction
def close_breaker(pair: str, *, actor: Actor, now: datetime) -> Verdict:
    """Accept what the providers of the pair (`"EUR/USD"`) agree on at this moment.

    That level is what the next rate is measured against. Who closed it, and why, stays.

    :raises Refusal: there is no reason, or no open breaker.
    :raises RateUnavailable: there is no level that could be accepted.
    """
    if actor.staff_id is None or not actor.reason.strip():
        raise Refusal("Say why the breaker may be closed.")
    base, _, quote = pair.partition("/")
    at = take_turn(now)
    market = markets([quote], at=at, limits=current_limits())[quote]
    if base != PIVOT or market.standing is None or not market.standing.is_open:
        raise Refusal(f"The breaker of {pair} is not open.")
    verdict = verdict_on(market.consent(), Verdict.Kind.CLOSED, at)
    verdict.staff_id = actor.staff_id
    verdict.reason = actor.reason.strip()
    verdict.save(force_insert=True)
    level = {"bid": str(verdict.bid), "ask": str(verdict.ask)}
    record_act(actor, "breaker.closed", verdict, after={"pair": pair, **level})
    return verdict
