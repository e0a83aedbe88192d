"""What random work is made of: whose, how much, on which terms."""

from hypothesis import strategies as st

from tests.model.bench import EVERYBODY
from tests.model.prices import CURRENCIES, Fee, Policy
from tests.model.world import COUNTED, DAY, Ask, Limit

users = st.sampled_from(EVERYBODY)
# Nobody has a wallet in the last one to begin with.
AT_HAND, AT_FIRST_NOT = CURRENCIES[:3], CURRENCIES[3]
currencies = st.sampled_from([*AT_HAND * 3, AT_FIRST_NOT])
numbers = st.integers(0, 1000)
pairs = st.tuples(currencies, currencies).filter(lambda pair: pair[0] != pair[1])
payees = st.sampled_from([None, *EVERYBODY])
sources = st.lists(currencies, min_size=1, max_size=3, unique=True)
lasts = st.sampled_from([4, 3 * DAY, 20 * DAY])
previews = st.sampled_from([False] * 5 + [True])
# Of all there is, of the room that limits leave, or any.
amounts = st.one_of(
    st.sampled_from(["all", "all but one", "more", "room", "beyond"]),
    st.integers(1, 300),
    st.integers(300, 9_000),
    st.integers(1, 60_000),
)
parts = st.sampled_from(["one", "third", "third", "all but one", "all", "more"])


def part_of(units, part):
    """So much of that many units, and at least one."""
    shares = {"one": 1, "third": units // 3, "all but one": units - 1}
    return max((shares | {"all": units, "more": units + 1})[part], 1)


asks = st.builds(
    Ask,
    version=st.sampled_from([None] * 10 + [1, 2]),
    reference=st.sampled_from([None] * 10 + ["A", "B"]),
)
operations = st.sampled_from(COUNTED)
fees = st.builds(
    Fee,
    fixed=st.sampled_from([0, 0, 1, 50]),
    bps=st.sampled_from([0, 1, 25, 333]),
    minimum=st.sampled_from([0, 0, 7]),
    maximum=st.sampled_from([None, None, 60, 99]),
)
shares = st.builds(Fee, bps=st.sampled_from([0, 10, 77]))
bps = st.sampled_from(["0", "5", "50", "123.4567"])
policies = st.builds(
    Policy,
    spreads=st.fixed_dictionaries({None: bps}, optional={"JPY": bps, "USD": bps}),
    fees=st.builds(
        lambda narrow, broad: narrow | broad,
        st.dictionaries(st.tuples(operations, currencies), fees, max_size=6),
        st.dictionaries(st.tuples(operations, st.none()), shares, max_size=3),
    ),
)
# Somebody's, everybody's or a wallet's; of so much, or of so many operations.
limits = st.builds(
    Limit,
    subject=st.sampled_from(["wallet", "user", "everybody"]),
    user=users,
    type=st.sampled_from(["", "", "withdrawal", "transfer", "conversion", "capture"]),
    currency=st.one_of(st.just(""), currencies),
    window=st.sampled_from(["operation", "day", "day", "week", "month"]),
    amount=st.one_of(st.none(), st.integers(1000, 200_000)),
    count=st.one_of(st.none(), st.integers(0, 9)),
)
# A wide one, in force from the beginning, under which most work goes on.
wide_limits = st.builds(
    Limit,
    subject=st.just("everybody"),
    user=st.none(),
    type=st.sampled_from(["", "", "fund"]),
    currency=st.just(""),
    window=st.just("day"),
    amount=st.sampled_from([None, 500_000]),
    count=st.integers(10, 30),
)
