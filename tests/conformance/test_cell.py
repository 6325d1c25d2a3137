"""The cell as a whole: replicas, headers, the program's own commands, a voter killed."""

import os
import signal
import tempfile
import time

import pytest

from conftest import Cell


def headers(answer):
    """HTTP headers of a boto3 answer."""
    return answer["ResponseMetadata"]["HTTPHeaders"]


def test_every_answer_says_what_it_was(cell, account):
    written = headers(account.iam.create_user(UserName="alice"))
    read = headers(account.iam.get_user(UserName="alice"))
    for answer in (written, read):
        assert int(answer["x-bailiwick-revision"]) > 0
        assert int(answer["x-bailiwick-age-ms"]) >= 0
        assert answer["x-bailiwick-served-by"]
    assert int(read["x-bailiwick-revision"]) >= int(written["x-bailiwick-revision"])


def test_replicas_answer_reads_and_forward_writes(cell, account):
    for number in range(2):
        iam = account.client("iam", cell.replica(number), retries=8)
        iam.create_user(UserName=f"by-replica-{number}")
        deadline = time.monotonic() + 20
        while f"by-replica-{number}" not in [user["UserName"] for user in iam.list_users()["Users"]]:
            assert time.monotonic() < deadline, "the replica does not catch up"
            time.sleep(0.01)
        assert headers(iam.list_users())["x-bailiwick-served-by"].startswith("replica")


def test_the_programs_own_commands(cell):
    status = cell.run("cluster", "status")
    assert len(status["Nodes"]) >= 3
    made = cell.run("account", "create", "--email", "cli@example.com", "--name", "cli", "--account-id", "111122223333")
    assert made["Account"] == "111122223333"
    assert any(entry["AccountId"] == "111122223333" for entry in cell.run("account", "list")["Accounts"])
    cell.run("account", "delete", "--account-id", "111122223333")
    assert cell.run("iam", "create-user", "--user-name", "by-cli")["User"]["UserName"] == "by-cli"
    assert cell.run("sts", "get-caller-identity")["Account"] == cell.info["account"]["account_id"]


def test_a_cell_survives_a_voter_and_a_restart():
    with tempfile.TemporaryDirectory(prefix="bailiwick-") as data:
        cell = Cell(data)
        try:
            account = cell.account()
            iam = account.client("iam", cell.voter(1), retries=10)
            iam.create_user(UserName="before")
            os.kill(voter_pid(cell, 0), signal.SIGKILL)
            for number in range(20):
                iam.create_user(UserName=f"after-{number}")
        finally:
            cell.stop()
        cell.file.unlink()
        again = Cell(data)
        try:
            again_account = type(account)(again, {
                "Account": account.id,
                "AccessKeyId": account.access_key_id,
                "SecretAccessKey": account.secret_access_key,
            })
            names = {user["UserName"] for user in again_account.iam.list_users()["Users"]}
            assert names == {"before", *(f"after-{number}" for number in range(20))}
        finally:
            again.stop()


def voter_pid(cell, number):
    """The process of a voter: its number stands in the pid file beside its data."""
    pid = cell.data / "data" / f"voter-{number + 1}" / "pid"
    if not pid.exists():
        pytest.fail(f"{pid} is not there")
    return int(pid.read_text())
