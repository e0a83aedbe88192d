"""What random work is made of: whose, how much, on which terms."""

from hypothesis import strategies as st

from tests.model.bench import EVERYBODY
from tests.model.prices import CURRENCIES, Fee, Policy
from tests.model.world import COUNTED, DAY, Ask, Limit

users = st.sampled_from(EVERYBODY)
currencies = st.sampled_from(CURRENCIES)
numbers = st.integers(0, 1000)
pairs = st.permutations(CURRENCIES).map(lambda codes: (codes[0], codes[1]))
payees = st.sampled_from([None, *EVERYBODY])
sources = st.lists(currencies, min_size=1, max_size=3, unique=True)
lasts = st.sampled_from([4, 3 * DAY, 20 * DAY])
previews = st.sampled_from([False, False, False, True])
# Of all there is, of the room that limits leave, or any.
amounts = st.one_of(
    st.sampled_from(["all", "all but one", "more", "room", "beyond"]),
    st.integers(1, 300),
    st.integers(1, 60_000),
)
parts = st.sampled_from(["one", "third", "all but one", "all", "more"])
asks = st.builds(
    Ask,
    version=st.sampled_from([None] * 14 + [1, 2]),
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
