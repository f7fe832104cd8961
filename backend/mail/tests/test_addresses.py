"""What is an address, and what would be a header."""

import pytest

from backend.mail.addresses import AddressInvalid, checked_address


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("hanako@example.com", "hanako@example.com"),
        (" hanako@example.com\u3000", "hanako@example.com"),
        ("Hanako.Yamada+video@Example.CO.JP", "Hanako.Yamada+video@example.co.jp"),
        ("ｈａｎａｋｏ＠ｅｘａｍｐｌｅ．ｃｏｍ", "hanako@example.com"),
        ("hanako@日本語.jp", "hanako@xn--wgv71a119e.jp"),
        ("o'neil_{x}@a-b.example", "o'neil_{x}@a-b.example"),
        ("a" * 64 + "@example.com", "a" * 64 + "@example.com"),
    ],
)
def test_addresses_are_written_as_servers_take_them(typed: str, address: str) -> None:
    assert checked_address(typed) == address


@pytest.mark.parametrize(
    "typed",
    [
        "", "hanako", "@example.com", "hanako@", "hanako@example", "hanako@localhost",
        "a@b@example.com", "a@example.com,b@example.com", "a@example.com b@example.com",
        "a@example.com;b@example.com", "Hanako <hanako@example.com>", '"a b"@example.com',
        "hanako@example.com\r\nBcc: all@example.com", "hanako@example.com\nX: y",
        "hana\rko@example.com", "hana\0ko@example.com", "hanako@exam\x7fple.com",
        "hanako@example.com\u2028Bcc: x@example.com", "hanako@exam\u0085ple.com",
        ".hanako@example.com", "hanako.@example.com", "ha..nako@example.com",
        "花子@example.com", "hanako@-example.com", "hanako@example-.com", "hanako@example..com",
        "hanako@[127.0.0.1]", "hanako@exa_mple.com", "a" * 65 + "@example.com",
        "a@" + "b" * 64 + ".com", "a@" + ".".join(["b" * 60] * 5) + ".com",
    ],
)  # fmt: skip
def test_what_is_none_is_refused(typed: str) -> None:
    with pytest.raises(AddressInvalid):
        checked_address(typed)
