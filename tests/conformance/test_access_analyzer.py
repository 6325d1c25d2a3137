"""IAM Access Analyzer's ValidatePolicy, with boto3 and the aws command line."""

import json
import subprocess

import pytest
from botocore.exceptions import ClientError
from conftest import allow, policy, program, trust

BAD = policy(allow("iam:CreatUser", ["bucket", "b2", "b3"]))


def codes(answer):
    """The issue codes of an answer, in order."""
    return [finding["issueCode"] for finding in answer["findings"]]


def test_findings_have_places(account):
    statement = '{"Effect": "Allow", "Action": "iam:CreatUser", "Resource": "*"}'
    document = '{\n  "Version": "2012-10-17",\n  "Statement": [' + statement + "]\n}"
    answer = account.client("accessanalyzer").validate_policy(policyDocument=document, policyType="IDENTITY_POLICY")
    [finding] = answer["findings"]
    assert finding["findingType"] == "ERROR"
    assert finding["issueCode"] == "INVALID_ACTION"
    assert "iam:CreateUser" in finding["findingDetails"]
    assert finding["learnMoreLink"].startswith("https://docs.aws.amazon.com/")
    [location] = finding["locations"]
    assert location["path"] == [{"value": "Statement"}, {"index": 0}, {"value": "Action"}]
    start, end = location["span"]["start"], location["span"]["end"]
    assert document[start["offset"] : end["offset"]] == '"iam:CreatUser"'
    assert (start["line"], document.splitlines()[2][start["column"] :][:5]) == (3, '"iam:')
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    assert answer["ResponseMetadata"]["RequestId"] == headers["x-amzn-requestid"]
    assert {"x-bailiwick-revision", "x-bailiwick-age-ms", "x-bailiwick-served-by"} <= set(headers)


def test_a_sound_policy_has_none(account):
    client = account.client("accessanalyzer", endpoint=account.cell.replica())
    document = policy(allow("s3:GetObject", "arn:aws:s3:::b/${aws:username}/*"))
    assert client.validate_policy(policyDocument=document, policyType="IDENTITY_POLICY")["findings"] == []


def test_pages(account):
    client = account.client("accessanalyzer")
    arguments = {"policyDocument": BAD, "policyType": "IDENTITY_POLICY"}
    whole = codes(client.validate_policy(**arguments))
    assert whole == ["INVALID_ACTION"] + ["INVALID_ARN_PREFIX"] * 3
    pages = client.get_paginator("validate_policy").paginate(**arguments, PaginationConfig={"PageSize": 3})
    assert [codes(page) for page in pages] == [whole[:3], whole[3:]]


def test_trust_policies(account):
    client = account.client("accessanalyzer")
    answer = client.validate_policy(
        policyDocument=trust("*").replace('{"AWS": "*"}', '"*"'),
        policyType="RESOURCE_POLICY",
        validatePolicyResourceType="AWS::IAM::AssumeRolePolicyDocument",
    )
    assert codes(answer) == ["ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL"]


def test_faults(account):
    client = account.client("accessanalyzer")
    with pytest.raises(client.exceptions.ValidationException) as caught:
        client.validate_policy(policyDocument="{}", policyType="NONE")
    assert "Member must satisfy enum value set" in caught.value.response["Error"]["Message"]
    assert caught.value.response["reason"] == "fieldValidationFailed"
    with pytest.raises(client.exceptions.ValidationException):
        client.validate_policy()


def test_it_must_be_allowed(account):
    alice = account.user("alice", allow("iam:*"))
    client = account.client("accessanalyzer", credentials=alice)
    with pytest.raises(client.exceptions.AccessDeniedException) as caught:
        client.validate_policy(policyDocument="{}", policyType="IDENTITY_POLICY")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert caught.value.response["Error"]["Message"] == (
        f"User: arn:aws:iam::{account.id}:user/alice is not authorized to perform: access-analyzer:ValidatePolicy "
        "on resource: * because no identity-based policy allows the access-analyzer:ValidatePolicy action"
    )
    bob = account.user("bob", allow("access-analyzer:ValidatePolicy"))
    client = account.client("accessanalyzer", credentials=bob)
    assert codes(client.validate_policy(policyDocument="{}", policyType="IDENTITY_POLICY"))


def test_a_wrong_key(account):
    unknown = {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": "x" * 40}
    client = account.client("accessanalyzer", credentials=unknown)
    with pytest.raises(ClientError) as caught:
        client.validate_policy(policyDocument="{}", policyType="IDENTITY_POLICY")
    assert caught.value.response["Error"]["Code"] == "UnrecognizedClientException"


def test_the_command_line(account):
    answer = account.aws(
        "accessanalyzer", "validate-policy", "--policy-document", BAD, "--policy-type", "IDENTITY_POLICY"
    )
    assert set(codes(answer)) == {"INVALID_ACTION", "INVALID_ARN_PREFIX"}


def test_the_program_says_what_the_service_says(account, tmp_path):
    file = tmp_path / "policy.json"
    file.write_text(BAD)
    answer = account.client("accessanalyzer").validate_policy(policyDocument=BAD, policyType="IDENTITY_POLICY")
    arguments = [program(), "policy", "validate", "--json", str(file)]
    said = subprocess.run(arguments, capture_output=True, text=True, timeout=60)
    assert said.returncode == 1
    assert json.loads(said.stdout)["findings"] == answer["findings"]
