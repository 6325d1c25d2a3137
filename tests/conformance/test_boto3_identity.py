"""Users, groups, roles and keys through boto3."""

import pytest
from botocore.exceptions import ClientError

from conftest import allow, deny, policy, trust


def fault(error):
    """Code and message of a refusal."""
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


def test_a_user_from_birth_to_death(account):
    iam = account.iam
    made = iam.create_user(UserName="Alice", Path="/team/", Tags=[{"Key": "team", "Value": "red"}])["User"]
    assert made["Arn"] == f"arn:aws:iam::{account.id}:user/team/Alice"
    assert made["UserId"].startswith("AIDA")
    found = iam.get_user(UserName="alice")["User"]
    assert (found["UserName"], found["Tags"]) == ("Alice", [{"Key": "team", "Value": "red"}])
    iam.update_user(UserName="alice", NewUserName="Bob", NewPath="/")
    assert iam.get_user(UserName="Bob")["User"]["UserId"] == made["UserId"]
    iam.delete_user(UserName="Bob")
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_user(UserName="Bob")


def test_faults_are_those_of_aws(account):
    iam = account.iam
    iam.create_user(UserName="alice")
    with pytest.raises(iam.exceptions.EntityAlreadyExistsException) as error:
        iam.create_user(UserName="ALICE")
    assert fault(error) == ("EntityAlreadyExists", "User with name ALICE already exists.")
    with pytest.raises(ClientError) as error:
        iam.create_user(UserName="a b")
    assert fault(error)[0] == "ValidationError"
    assert fault(error)[1].startswith("1 validation error detected: Value at 'userName' failed to satisfy constraint")
    with pytest.raises(iam.exceptions.MalformedPolicyDocumentException):
        iam.put_user_policy(UserName="alice", PolicyName="p", PolicyDocument="{")


def test_paginators_see_everything_once(account):
    iam = account.iam
    names = sorted(f"user-{number:02}" for number in range(25))
    for name in names:
        iam.create_user(UserName=name)
    pages = iam.get_paginator("list_users").paginate(PaginationConfig={"PageSize": 7})
    assert [user["UserName"] for page in pages for user in page["Users"]] == names


def test_markers_hold_on_every_node(cell, account):
    for number in range(5):
        account.iam.create_user(UserName=f"u{number}")
    seen, marker = [], None
    for number in range(5):
        iam = account.client("iam", cell.voter(number % 3))
        page = iam.list_users(MaxItems=1, **({"Marker": marker} if marker else {}))
        seen += [user["UserName"] for user in page["Users"]]
        marker = page.get("Marker")
    assert seen == [f"u{number}" for number in range(5)] and marker is None


def test_waiters_and_groups(account):
    iam = account.iam
    iam.create_group(GroupName="admins")
    iam.create_user(UserName="alice")
    iam.get_waiter("user_exists").wait(UserName="alice")
    iam.add_user_to_group(GroupName="admins", UserName="alice")
    assert [user["UserName"] for user in iam.get_group(GroupName="admins")["Users"]] == ["alice"]
    assert iam.list_groups_for_user(UserName="alice")["Groups"][0]["GroupName"] == "admins"
    with pytest.raises(iam.exceptions.DeleteConflictException):
        iam.delete_group(GroupName="admins")


def test_policies_allow_and_deny(account):
    key = account.user("alice", allow("iam:ListUsers"), allow("iam:GetUser", f"arn:aws:iam::{account.id}:user/a*"))
    iam = account.client("iam", credentials=key)
    assert len(iam.list_users()["Users"]) == 1
    assert iam.get_user()["User"]["UserName"] == "alice"
    account.iam.create_user(UserName="bob")
    with pytest.raises(ClientError) as error:
        iam.get_user(UserName="bob")
    assert fault(error) == (
        "AccessDenied",
        f"User: arn:aws:iam::{account.id}:user/alice is not authorized to perform: iam:GetUser on resource: "
        "user bob because no identity-based policy allows the iam:GetUser action",
    )
    account.iam.put_user_policy(UserName="alice", PolicyName="q", PolicyDocument=policy(deny("iam:List*")))
    with pytest.raises(ClientError) as error:
        iam.list_users()
    assert "with an explicit deny in an identity-based policy" in fault(error)[1]


def test_a_boundary_narrows(account):
    iam = account.iam
    arn = iam.create_policy(PolicyName="edge", PolicyDocument=policy(allow("iam:GetUser")))["Policy"]["Arn"]
    key = account.user("alice", allow("iam:*"))
    iam.put_user_permissions_boundary(UserName="alice", PermissionsBoundary=arn)
    mine = account.client("iam", credentials=key)
    assert mine.get_user()["User"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == arn
    with pytest.raises(ClientError) as error:
        mine.list_users()
    assert "because no permissions boundary allows the iam:ListUsers action" in fault(error)[1]


def test_managed_policies_and_versions(account):
    iam = account.iam
    arn = iam.create_policy(PolicyName="p", PolicyDocument=policy(allow("s3:*")), Description="d")["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=policy(allow("sqs:*")), SetAsDefault=True)
    document = iam.get_policy_version(PolicyArn=arn, VersionId="v2")["PolicyVersion"]["Document"]
    assert document["Statement"][0]["Action"] == "sqs:*"
    assert iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v2"
    iam.create_user(UserName="alice")
    iam.attach_user_policy(UserName="alice", PolicyArn=arn)
    assert iam.list_entities_for_policy(PolicyArn=arn)["PolicyUsers"][0]["UserName"] == "alice"
    with pytest.raises(iam.exceptions.DeleteConflictException):
        iam.delete_policy(PolicyArn=arn)
    named = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    iam.attach_user_policy(UserName="alice", PolicyArn=named)
    attached = iam.list_attached_user_policies(UserName="alice")["AttachedPolicies"]
    assert {entry["PolicyArn"] for entry in attached} == {arn, named}
    assert any(entry["Arn"] == named for entry in iam.list_policies(Scope="AWS")["Policies"])


def test_roles_are_assumed(account):
    iam = account.iam
    key = account.user("alice")
    alice = f"arn:aws:iam::{account.id}:user/alice"
    made = iam.create_role(RoleName="worker", AssumeRolePolicyDocument=trust(alice), Description="works")["Role"]
    assert made["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"AWS": alice}
    iam.attach_role_policy(RoleName="worker", PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
    sts = account.client("sts", credentials=key)
    answer = sts.assume_role(RoleArn=made["Arn"], RoleSessionName="work")
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{account.id}:assumed-role/worker/work"
    session = answer["Credentials"]
    who = account.client("sts", credentials=session).get_caller_identity()
    assert who["UserId"] == f"{made['RoleId']}:work"
    worker = account.client("iam", credentials=session)
    assert worker.list_users()["Users"]
    with pytest.raises(ClientError) as error:
        worker.create_user(UserName="x")
    assert fault(error)[0] == "AccessDenied"
    with pytest.raises(ClientError) as error:
        account.client("sts").assume_role(RoleArn=made["Arn"], RoleSessionName="work")
    assert fault(error) == ("AccessDenied", "Roles may not be assumed by root accounts.")


def test_a_role_cannot_trust_who_is_not_there(account):
    with pytest.raises(ClientError) as error:
        account.iam.create_role(
            RoleName="r", AssumeRolePolicyDocument=trust(f"arn:aws:iam::{account.id}:user/nobody")
        )
    assert fault(error)[0] == "MalformedPolicyDocument"
    assert fault(error)[1].startswith("Invalid principal in policy")


def test_keys_live_and_die(account):
    key = account.user("alice", allow("*"))
    sts = account.client("sts", credentials=key)
    assert sts.get_caller_identity()["Arn"].endswith(":user/alice")
    assert account.sts.get_access_key_info(AccessKeyId=key["AccessKeyId"])["Account"] == account.id
    account.iam.update_access_key(UserName="alice", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    with pytest.raises(ClientError) as error:
        sts.get_caller_identity()
    assert fault(error)[0] == "InvalidClientTokenId"
    account.iam.update_access_key(UserName="alice", AccessKeyId=key["AccessKeyId"], Status="Active")
    sts.get_caller_identity()
    account.iam.delete_access_key(UserName="alice", AccessKeyId=key["AccessKeyId"])
    with pytest.raises(ClientError):
        sts.get_caller_identity()


def test_a_wrong_secret_is_refused(account):
    credentials = {"AccessKeyId": account.access_key_id, "SecretAccessKey": "wrong"}
    with pytest.raises(ClientError) as error:
        account.client("sts", credentials=credentials).get_caller_identity()
    assert fault(error)[0] == "SignatureDoesNotMatch"


def test_session_tokens(account):
    key = account.user("alice", allow("*"))
    session = account.client("sts", credentials=key).get_session_token(DurationSeconds=900)["Credentials"]
    assert account.client("sts", credentials=session).get_caller_identity()["Arn"].endswith(":user/alice")
    with pytest.raises(ClientError) as error:
        account.client("iam", credentials=session).list_users()
    assert fault(error)[0] == "InvalidClientTokenId"


def test_instance_profiles_alias_and_summary(account):
    iam = account.iam
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust(f"arn:aws:iam::{account.id}:root"))
    iam.create_instance_profile(InstanceProfileName="p")
    iam.add_role_to_instance_profile(InstanceProfileName="p", RoleName="r")
    profile = iam.get_instance_profile(InstanceProfileName="p")["InstanceProfile"]
    assert profile["Roles"][0]["RoleName"] == "r"
    alias = f"alias-{account.id}"
    iam.create_account_alias(AccountAlias=alias)
    assert iam.list_account_aliases()["AccountAliases"] == [alias]
    assert iam.get_account_summary()["SummaryMap"]["Roles"] == 1
    details = iam.get_account_authorization_details(Filter=["Role"])
    assert details["RoleDetailList"][0]["RoleName"] == "r"


def test_planned_operations_say_so(account):
    with pytest.raises(ClientError) as error:
        account.iam.list_saml_providers()
    assert fault(error)[0] == "NotImplemented"
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_accounts_are_apart(cell, account):
    other = cell.account()
    account.iam.create_user(UserName="mine")
    assert other.iam.list_users()["Users"] == []
