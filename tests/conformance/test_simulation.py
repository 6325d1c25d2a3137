"""The policy simulator and authorization messages, as boto3 and aws-cli see them."""

import json

import pytest
from botocore.exceptions import ClientError
from conftest import allow, deny, policy, trust


def decisions(answer):
    return {result["EvalActionName"]: result["EvalDecision"] for result in answer["EvaluationResults"]}


def test_custom_policies_are_simulated(account):
    document = policy(allow("s3:*"), deny("s3:DeleteObject"))
    actions = ["s3:GetObject", "s3:DeleteObject", "sqs:SendMessage"]
    answer = account.iam.simulate_custom_policy(PolicyInputList=[document], ActionNames=actions)
    assert decisions(answer) == dict(zip(actions, ["allowed", "explicitDeny", "implicitDeny"]))
    assert answer["IsTruncated"] is False
    # Empty lists are there, as with AWS.
    silent = answer["EvaluationResults"][2]
    assert (silent["MatchedStatements"], silent["MissingContextValues"]) == ([], [])
    statement = answer["EvaluationResults"][0]["MatchedStatements"][0]
    assert statement["SourcePolicyId"] == "PolicyInputList.1"
    start, end = statement["StartPosition"], statement["EndPosition"]
    assert start["Line"] == end["Line"] == 1
    assert json.loads(document[start["Column"] - 1 : end["Column"] - 1]) == allow("s3:*")


def test_pages_of_results(account):
    pages = account.iam.get_paginator("simulate_custom_policy").paginate(
        PolicyInputList=[policy(allow("*"))],
        ActionNames=[f"s3:Action{n}" for n in range(7)],
        PaginationConfig={"PageSize": 3},
    )
    assert [len(page["EvaluationResults"]) for page in pages] == [3, 3, 1]


def test_keys_are_named_and_their_values_count(account):
    document = policy(allow("s3:*", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}))
    keys = account.iam.get_context_keys_for_custom_policy(PolicyInputList=[document])
    assert keys["ContextKeyNames"] == ["aws:SourceIp"]
    asked = {"PolicyInputList": [document], "ActionNames": ["s3:GetObject"]}
    result = account.iam.simulate_custom_policy(**asked)["EvaluationResults"][0]
    assert (result["EvalDecision"], result["MissingContextValues"]) == ("implicitDeny", ["aws:SourceIp"])
    entry = {"ContextKeyName": "aws:SourceIp", "ContextKeyType": "ip", "ContextKeyValues": ["10.1.2.3"]}
    assert decisions(account.iam.simulate_custom_policy(ContextEntries=[entry], **asked)) == {"s3:GetObject": "allowed"}


def test_principals_are_simulated_with_boundary_and_trust(account):
    account.user("alice", allow(["s3:*", "sqs:*"]))
    arn = account.iam.get_user(UserName="alice")["User"]["Arn"]
    account.iam.put_user_permissions_boundary(
        UserName="alice", PermissionsBoundary="arn:aws:iam::aws:policy/AmazonS3FullAccess"
    )
    answer = account.iam.simulate_principal_policy(
        PolicySourceArn=arn,
        ActionNames=["s3:GetObject", "sqs:SendMessage"],
        ResourceArns=["arn:aws:s3:::a/x", "arn:aws:s3:::b/y"],
    )
    assert decisions(answer) == {"s3:GetObject": "allowed", "sqs:SendMessage": "implicitDeny"}
    results = answer["EvaluationResults"][1]
    assert [each["MissingContextValues"] for each in results["ResourceSpecificResults"]] == [[], []]
    assert results["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    account.iam.delete_user_permissions_boundary(UserName="alice")
    role = account.iam.create_role(RoleName="worker", AssumeRolePolicyDocument=trust(arn))["Role"]["Arn"]
    asked = {"PolicySourceArn": arn, "ActionNames": ["sts:AssumeRole"], "ResourceArns": [role]}
    assert decisions(account.iam.simulate_principal_policy(**asked)) == {"sts:AssumeRole": "allowed"}
    with pytest.raises(ClientError) as refused:
        account.iam.get_context_keys_for_principal_policy(PolicySourceArn=arn.replace("alice", "bob"))
    assert refused.value.response["Error"]["Code"] == "NoSuchEntity"


def test_a_refusal_is_decoded(account):
    key = account.user("mallory")
    with pytest.raises(ClientError) as refused:
        account.client("iam", credentials=key).delete_user(UserName="mallory")
    headers = refused.value.response["ResponseMetadata"]["HTTPHeaders"]
    encoded = headers["x-bailiwick-authorization-message"]
    decoded = json.loads(account.sts.decode_authorization_message(EncodedMessage=encoded)["DecodedMessage"])
    assert (decoded["allowed"], decoded["explicitDeny"]) == (False, False)
    assert decoded["context"]["action"] == "iam:DeleteUser"
    told = account.aws("sts", "decode-authorization-message", "--encoded-message", encoded)
    assert json.loads(told["DecodedMessage"]) == decoded
    with pytest.raises(ClientError) as refused:
        account.sts.decode_authorization_message(EncodedMessage=encoded[:-2])
    assert refused.value.response["Error"]["Code"] == "InvalidAuthorizationMessageException"
    stranger = account.cell.account()
    with pytest.raises(ClientError) as refused:
        stranger.sts.decode_authorization_message(EncodedMessage=encoded)
    assert refused.value.response["Error"]["Code"] == "InvalidAuthorizationMessageException"
