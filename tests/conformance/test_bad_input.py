"""Bad input: a clear answer each, and the node goes on."""

import json
import urllib.error
import urllib.parse
import urllib.request

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

FORM = "application/x-www-form-urlencoded; charset=utf-8"


def send(account, body, content_type=FORM, sign=True, method="POST", path="/"):
    """Sends bytes as they are; gives status and body."""
    url = account.cell.voter() + path
    request = AWSRequest(method=method, url=url, data=body, headers={"Content-Type": content_type})
    if sign:
        credentials = Credentials(account.access_key_id, account.secret_access_key)
        SigV4Auth(credentials, "iam", "us-east-1").add_auth(request)
    prepared = urllib.request.Request(url, data=body, headers=dict(request.headers), method=method)
    try:
        with urllib.request.urlopen(prepared, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def form(**members):
    """A form body."""
    return urllib.parse.urlencode({"Version": "2010-05-08", **members}).encode()


@pytest.fixture(autouse=True)
def still_serving(account):
    """Whatever a test sent, the node answers afterwards."""
    yield
    assert account.sts.get_caller_identity()["Account"] == account.id


def test_unknown_action_and_version(account):
    status, body = send(account, form(Action="MakeCoffee"))
    assert (status, "<Code>InvalidAction</Code>" in body) == (400, True)
    status, body = send(account, b"Action=ListUsers&Version=1999-01-01")
    assert (status, "<Code>InvalidAction</Code>" in body) == (400, True)


def test_no_signature(account):
    status, body = send(account, form(Action="ListUsers"), sign=False)
    assert (status, "<Code>MissingAuthenticationToken</Code>" in body) == (403, True)


def test_a_body_that_is_too_large(account):
    try:
        status, body = send(account, b"Action=ListUsers&Version=2010-05-08&x=" + b"a" * 10_000_000)
    except (urllib.error.URLError, ConnectionError):
        return  # closed while we were still sending: that is an answer too
    assert status == 413


def test_too_many_parameters(account):
    body = form(Action="CreateUser", UserName="x")
    body += b"".join(b"&Tags.member.%d.Key=k%d&Tags.member.%d.Value=v" % (n, n, n) for n in range(1, 10_001))
    status, text = send(account, body)
    assert status == 400 and "<Error>" in text


def test_garbage(account):
    for body in [b"\x00\xff\xfe", b"<xml/>", b"%", b"Action=%zz&Version=2010-05-08", b"&&&&=", b"{}"]:
        status, text = send(account, body)
        assert 400 <= status < 500, (body, text)


def test_the_wrong_content_type(account):
    status, text = send(account, b"{}", content_type="application/json")
    assert 400 <= status < 500, text
    status, text = send(account, b"\x00\x00\x00\x00\x05junk!", content_type="application/grpc")
    assert status in (200, 400, 415, 505), text


DEEP = '{"a":' * 5_000 + "1" + "}" * 5_000


@pytest.mark.parametrize(
    "document",
    [
        "",
        "{",
        "[]",
        "null",
        '"text"',
        "{}",
        DEEP,
        "[" * 100_000,
        json.dumps({"Version": "2012-10-17", "Statement": []}) + "x",
        json.dumps({"Version": "1999-01-01", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}),
        json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Maybe", "Action": "*", "Resource": "*"}}),
        json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Resource": "*"}}),
        json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*"}}),
        json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "x", "Resource": "*"}}),
        json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "x"}}),
        '{"Version":"2012-10-17","Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}',
    ],
)
def test_malformed_policies(account, document):
    with pytest.raises(ClientError) as error:
        account.iam.create_policy(PolicyName="p", PolicyDocument=document)
    assert error.value.response["Error"]["Code"] in ("MalformedPolicyDocument", "ValidationError")
