"""A pricing policy rule by rule, in words: what each is about, and what it says."""

from fx.money import plain
from fx.policy import FeeRule, Policy, SpreadRule


def rules_in_words(policy: Policy) -> dict[str, object]:
    """Every rule of a policy; two of the same scope in two policies have one name."""
    return {
        **{_about_spread(rule): f"{plain(rule.bps)} bps" for rule in policy.spreads},
        **{
            f"Lock of {lock}: premium": f"{plain(bps)} bps"
            for lock, bps in policy.premiums.items()
        },
        **{_about_fee(rule): _fee(rule) for rule in policy.fees},
        **{
            f"Bounds of {code}": f"{_or_none(bounds.minimum)} to "
            f"{_or_none(bounds.maximum)} in one conversion"
            for code, bounds in policy.bounds.items()
        },
    }


def _about_spread(rule: SpreadRule) -> str:
    words = ["Spread"]
    if rule.currency:
        words.append(f"of {rule.currency} on either side")
    if rule.from_currency:
        words.append(f"from {rule.from_currency}")
    if rule.to_currency:
        words.append(f"to {rule.to_currency}")
    if not any(rule.currencies):
        words.append("of everything else")
    if rule.tier:
        words.append(f"for tier {rule.tier}")
    if rule.at_least is not None:
        words.append(f"at {plain(rule.at_least)} {rule.from_currency} and more")
    return " ".join(words)


def _about_fee(rule: FeeRule) -> str:
    tier = f" for tier {rule.tier}" if rule.tier else ""
    return f"Fee: {rule.operation} in {rule.currency or 'any currency'}{tier}"


def _fee(rule: FeeRule) -> str:
    parts = [plain(rule.fixed)] if rule.fixed else []
    parts += [f"{plain(rule.bps)} bps"] if rule.bps else []
    words = " and ".join(parts) or "nothing"
    if rule.minimum is not None:
        words += f", at least {plain(rule.minimum)}"
    if rule.maximum is not None:
        words += f", at most {plain(rule.maximum)}"
    return words


def _or_none(amount: object) -> str:
    return "anything" if amount is None else f"{amount}"
