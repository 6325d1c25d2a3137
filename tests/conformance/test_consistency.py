"""What is promised about when a write is seen, through unmodified SDKs."""

import os
import signal
import time

import pytest

from conftest import Account
from test_cell import headers

LAG_S = 1.5


@pytest.fixture
def lagging(cell):
    """The endpoint of a replica that shows everything later, though not so late that it may not decide."""
    cell.run("lag", "set", "replica-1", "--plan", f"fixed:{int(LAG_S * 1000)}ms")
    yield cell.replica()
    cell.run("lag", "set", "replica-1", "--plan", "none")
    cell.run("lag", "flush", "replica-1")


def exists_at_once(iam, name):
    """Whether a stock waiter finds the user with its first question."""
    asked = []
    iam.meta.events.register("before-call.iam.GetUser", lambda **_: asked.append(time.monotonic()))
    iam.get_waiter("user_exists").wait(UserName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 20})
    return len(asked) == 1


@pytest.mark.parametrize("writer", ["voter", "replica"])
def test_an_account_whose_writes_wait_makes_stock_waiters_truthful(cell, lagging, writer):
    account = Account(cell, cell.run("account", "create", "--email", f"{writer}@ack.example.com", "--ack", "all"))
    listed = {entry["AccountId"]: entry["Ack"] for entry in cell.run("account", "list")["Accounts"]}
    assert listed[account.id] == "all"
    iam = account.client("iam", cell.voter() if writer == "voter" else lagging)
    began = time.monotonic()
    made = headers(iam.create_user(UserName="alice"))
    assert made["x-bailiwick-propagation"] == "reached"
    assert time.monotonic() - began >= LAG_S * 0.9, "it waited for the replica"
    assert exists_at_once(account.client("iam", lagging), "alice")


def test_what_is_said_of_an_account_holds_from_then_on(cell, lagging):
    account = cell.account()
    assert "x-bailiwick-propagation" not in headers(account.iam.create_user(UserName="before"))
    said = cell.run("account", "set", "--account-id", account.id, "--ack", "all")
    assert [entry["Ack"] for entry in said["Accounts"]] == ["all"]
    # The replica does not show yet what was said of the account.
    made = headers(account.client("iam", lagging).create_user(UserName="alice"))
    assert made["x-bailiwick-propagation"] == "reached"
    assert exists_at_once(account.client("iam", lagging), "alice")
    cell.run("account", "set", "--account-id", account.id, "--ack", "default")
    assert "x-bailiwick-propagation" not in headers(account.iam.create_user(UserName="after"))


def test_shorter_terms_wait_for_who_decides_on_the_longer(cell, account):
    assert cell.run("cluster", "set", "--max-staleness", "3s")["Settled"]
    # It has been heard of on the new terms.
    account.client("iam", f"{cell.voter()}/ack/all/").create_user(UserName="alice")
    replica = int((cell.data / "data" / "replica-1" / "pid").read_text())
    os.kill(replica, signal.SIGSTOP)
    try:
        began = time.monotonic()
        shorter = cell.run("cluster", "set", "--max-staleness", "500ms")
        took = time.monotonic() - began
    finally:
        os.kill(replica, signal.SIGCONT)
    assert (shorter["MaxStalenessMs"], shorter["CountedMaxStalenessMs"], shorter["Settled"]) == (500, 500, True)
    assert 2 <= took < 5, "as long as the replica may decide on the terms before"
    assert cell.run("cluster", "set", "--max-staleness", "5s")["Settled"], "longer ones wait for nobody"
