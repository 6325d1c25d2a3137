"""The unmodified aws command line."""

import json

from conftest import allow, policy, trust


def test_the_tour(account):
    assert account.aws("sts", "get-caller-identity")["Arn"] == f"arn:aws:iam::{account.id}:root"
    user = account.aws("iam", "create-user", "--user-name", "alice", "--tags", "Key=team,Value=red")["User"]
    assert user["Tags"] == [{"Key": "team", "Value": "red"}]
    document = policy(allow("iam:ListUsers"))
    arn = account.aws("iam", "create-policy", "--policy-name", "p", "--policy-document", document)["Policy"]["Arn"]
    account.aws("iam", "attach-user-policy", "--user-name", "alice", "--policy-arn", arn)
    attached = account.aws("iam", "list-attached-user-policies", "--user-name", "alice")
    assert attached["AttachedPolicies"] == [{"PolicyName": "p", "PolicyArn": arn}]
    role = account.aws(
        "iam", "create-role", "--role-name", "r", "--assume-role-policy-document", trust(user["Arn"])
    )["Role"]
    assert role["AssumeRolePolicyDocument"] == json.loads(trust(user["Arn"]))
    account.aws("iam", "wait", "role-exists", "--role-name", "r")
    names = [entry["UserName"] for entry in account.aws("iam", "list-users")["Users"]]
    assert names == ["alice"]


def test_a_fault_is_told(account):
    done = account.aws("iam", "get-user", "--user-name", "nobody", check=False)
    assert done.returncode != 0
    assert "An error occurred (NoSuchEntity) when calling the GetUser operation" in done.stderr
    assert "The user with name nobody cannot be found." in done.stderr
