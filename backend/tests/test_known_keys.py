"""What is remembered of a key for a second, and when it is not."""

from backend.accounts.models import Account
from backend.api_keys.form import new_key
from backend.api_keys.known import BELIEVED_S, KnownKey, KnownKeys

KEY = new_key()


def known(key_id: str = "key_1") -> KnownKey:
    return KnownKey(key_id, frozenset(), Account(id="acc_1"))


def test_a_key_is_believed_for_a_second() -> None:
    passed_s = 0.0
    keys = KnownKeys(lambda: 1_000 + passed_s)
    one = known()
    assert keys.find(KEY) is None
    assert keys.look_up(KEY, lambda: one) is one
    passed_s = BELIEVED_S - 0.01
    assert keys.find(KEY) is one
    assert keys.find(new_key()) is None
    passed_s = BELIEVED_S
    assert keys.find(KEY) is None


def test_a_wrong_key_is_looked_up_each_time() -> None:
    keys = KnownKeys()
    assert keys.look_up(KEY, lambda: None) is None
    one = known()
    assert keys.look_up(KEY, lambda: one) is one


def test_what_is_revoked_while_it_is_sought_is_remembered_by_nobody() -> None:
    keys = KnownKeys()

    def seek() -> KnownKey:
        keys.forget()
        return known()

    keys.look_up(KEY, seek)
    assert keys.find(KEY) is None


def test_only_so_many_are_remembered() -> None:
    keys = KnownKeys()
    for number in range(2_500):
        keys.look_up(f"{KEY}{number}", known)
    remembered = [number for number in range(2_500) if keys.find(f"{KEY}{number}")]
    assert 0 < len(remembered) <= 1_000
    assert remembered[-1] == 2_499
