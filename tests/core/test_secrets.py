"""No password of an address is shown or kept, in whatever form it is written."""

import pytest

from luthier.core.secrets import has_password, hide_in, hide_password, hide_passwords, is_ambiguous

FORMS = {
    "postgresql://me:SECRET@host/d": "postgresql://me:***@host/d",
    "postgresql://me:p@ss:SECRET@host:9/d": "postgresql://me:***@host:9/d",
    "postgresql://me:SEC/RET@host/d": "postgresql://me:***@host/d",
    "postgresql://me:SEC?RET@host/d?sslmode=require": "postgresql://me:***@host/d?sslmode=require",
    "postgresql://me:%53ECRET@host/d": "postgresql://me:***@host/d",
    "postgresql://:SECRET@host/d": "postgresql://:***@host/d",
    "postgresql://host/d?user=me&password=SECRET": "postgresql://host/d?user=me&password=***",
    "postgresql://me@host/d?password=SEC@RET&sslmode=require": "postgresql://me@host/d?password=***&sslmode=require",
    "postgresql://host/d?pass%77ord=SECRET": "postgresql://host/d?pass%77ord=***",
    "postgresql://host/d?sslpassword=SECRET": "postgresql://host/d?sslpassword=***",
    "mysql://host/d?passwd=SECRET": "mysql://host/d?passwd=***",
    "mysql://host/d?SECRET": "mysql://host/d?***",
    "sqlite:///file:/k.db?uri=true&password=SECRET": "sqlite:///file:/k.db?uri=true&password=***",
}


@pytest.mark.parametrize("address", FORMS)
def test_a_password_is_left_out(address):
    assert hide_password(address) == FORMS[address] and has_password(address)
    assert hide_password(FORMS[address]) == FORMS[address] and has_password(FORMS[address])
    assert "SECRET" not in hide_in(f"could not translate {address}: no SECRET", address)


@pytest.mark.parametrize(
    "address",
    ["nonsense", "postgresql://", "postgresql://me@host:5432/d?sslmode=require", "sqlite:////home/a:b/me@work/k.db"],
)
def test_what_has_none_stays_as_it_is(address):
    assert hide_password(address) == address and not has_password(address)
    assert hide_in("it is not there", address) == "it is not there"


def test_a_driver_that_repeats_a_password_as_it_read_it_does_not_tell_it():
    assert hide_in("role p@ss is unknown", "postgresql://me:p%40ss@host/d") == "role *** is unknown"
    assert (
        hide_in("invalid port: 'SECRET@host:9'", "postgresql://me:p@ss:SECRET@host:9/d") == "invalid port: '***@host:9'"
    )


def test_addresses_within_a_text_are_found():
    text = "GET 'https://me:SECRET@host/api' or http://other/ failed"
    assert hide_passwords(text) == "GET 'https://me:***@host/api' or http://other/ failed"


def test_an_address_that_programs_read_in_different_ways_is_known():
    assert is_ambiguous("postgresql://me:p@ss@host/d") and not is_ambiguous("postgresql://me:p%40ss@host/d")
    assert not is_ambiguous("postgresql://me@host/d?password=a@b") and not is_ambiguous("sqlite:////a@b/c@d.db")
