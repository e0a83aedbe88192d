"""The last statement of a transaction, which takes COMMIT along."""

import pytest
from django.db import IntegrityError, OperationalError, connection
from django.db import transaction as db_transaction
from django.db.utils import DataError

from paymentprocessor.database.commit_along import CommitAlong
from paymentprocessor.database.prepared import Statement
from paymentprocessor.tests.words import ADD, KILL, carry_out

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("words"),
]

# That the other word is there is looked at when the transaction ends.
ADD_AFTER_NOTHING = Statement("INSERT INTO said VALUES ('alone', 'never said')")
DIVIDE = Statement("SELECT 1 / 0")


@pytest.fixture
def said(other):
    """What everybody can read, asked by another session."""

    def read():
        other.execute("SELECT word FROM said ORDER BY word")
        return [word for (word,) in other.fetchall()]

    return read


def say(word, *, last=False):
    return lambda: ADD.rows({"word": word}, last=last)


class TestCommitAlong:
    def test_commits_with_the_last_statement(self, said):
        block = CommitAlong(keep=True)

        with block:
            say("a")()
            assert said() == []
            say("b", last=True)()
            assert block.is_committing
            assert said() == ["a", "b"]

        assert said() == ["a", "b"]

    def test_may_begin_with_the_last_statement(self, said):
        carry_out(CommitAlong(keep=True), say("a", last=True))

        assert said() == ["a"]

    def test_commits_in_the_end_what_had_no_last_statement(self, said):
        block = CommitAlong(keep=True)

        carry_out(block, say("a"))

        assert block.is_committing
        assert said() == ["a"]

    def test_keeps_nothing_that_is_not_to_be_kept(self, said):
        block = CommitAlong(keep=False)

        carry_out(block, say("a", last=True))

        assert not block.is_committing
        assert said() == []

    @pytest.mark.parametrize(
        ("act", "error"),
        [
            (lambda: 1 / 0, ZeroDivisionError),
            (lambda: DIVIDE.rows({}), DataError),
            # What the server refuses keeps it from coming to COMMIT.
            (lambda: DIVIDE.rows({}, last=True), DataError),
            (say("a", last=True), IntegrityError),
        ],
    )
    def test_keeps_nothing_of_what_failed(self, said, act, error):
        block = CommitAlong(keep=True)

        with pytest.raises(error):
            carry_out(block, say("a"), act)

        assert not block.is_committing
        assert said() == []

    def test_does_not_know_what_a_server_did_that_is_gone(self, said):
        block = CommitAlong(keep=True)

        with pytest.raises(OperationalError):
            carry_out(block, say("a"), lambda: KILL.rows({}, last=True))

        # So it is told of every one, though this one died of what came before COMMIT.
        assert block.is_committing
        assert said() == []

    @pytest.mark.parametrize("last", [True, False])
    def test_keeps_nothing_when_an_error_was_caught_inside(self, said, last):
        block = CommitAlong(keep=True)

        with block:
            say("a")()
            inside = db_transaction.atomic(savepoint=False)
            with pytest.raises(DataError):
                carry_out(inside, lambda: DIVIDE.rows({}))
            with pytest.raises(db_transaction.TransactionManagementError):
                say("b", last=last)()

        assert not block.is_committing
        assert said() == []

    def test_hears_what_the_server_says_of_commit_itself(self, said):
        block = CommitAlong(keep=True)

        with pytest.raises(IntegrityError) as failure:
            carry_out(block, say("a"), lambda: ADD_AFTER_NOTHING.rows({}, last=True))

        assert failure.value.__cause__.diag.constraint_name == "said_other_fkey"
        assert block.is_committing
        assert said() == []

    def test_is_not_for_a_block_inside_of_it(self, said):
        block = CommitAlong(keep=True)

        with block:
            carry_out(db_transaction.atomic(), say("a", last=True))
            assert not block.is_committing

        assert said() == ["a"]

    def test_is_left_to_the_block_around_it(self, said):
        around = db_transaction.atomic()
        # As in a test that is rolled back, the only place that has one.
        around._from_testcase = True
        with around:
            carry_out(CommitAlong(keep=True), say("a", last=True))
            assert said() == []

        assert said() == ["a"]

    def test_is_a_matter_of_such_blocks_only(self, said):
        with pytest.raises(DataError):
            carry_out(
                db_transaction.atomic(), say("a", last=True), lambda: DIVIDE.rows({})
            )

        assert said() == []

    def test_lets_nothing_come_after_the_last_statement(self, said):
        with pytest.raises(AssertionError):
            carry_out(CommitAlong(keep=True), say("a", last=True), say("b"))

        assert said() == ["a"]
        assert not connection.in_atomic_block

    def test_does_what_waits_for_the_commit(self):
        told = []
        with CommitAlong(keep=True):
            db_transaction.on_commit(lambda: told.append("committed"))
            say("a", last=True)()
            assert told == []

        assert told == ["committed"]

    def test_is_not_a_part_of_another_block(self):
        with db_transaction.atomic(), pytest.raises(RuntimeError):
            carry_out(CommitAlong(keep=True))
