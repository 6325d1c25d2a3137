"""A real cell for the tests: `bailiwick dev`, three voters and two replicas as processes, and clients for it."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

START_DEADLINE_S = 120
STOP_DEADLINE_S = 30


def program():
    """The program under test, as `cargo xtask test` built it."""
    path = os.environ.get("BAILIWICK")
    if not path:
        pytest.exit("set BAILIWICK to the program, or run `cargo xtask test`")
    return path


class Cell:
    """A running cell."""

    def __init__(self, data):
        self.data = Path(data)
        self.file = self.data / "cell.json"
        self.log = open(self.data / "dev.log", "wb")
        self.process = subprocess.Popen(
            [program(), "dev", "--data", str(self.data / "data"), "--cell", str(self.file)],
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )
        deadline = time.monotonic() + START_DEADLINE_S
        while not self.file.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                pytest.exit(f"the cell did not start:\n{(self.data / 'dev.log').read_text()[-4000:]}")
            time.sleep(0.02)
        self.info = json.loads(self.file.read_text())

    def stop(self):
        """Ctrl-C, as a person stops it."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(STOP_DEADLINE_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.log.close()

    def run(self, *arguments):
        """Runs the program's own command line against the cell; gives its JSON."""
        done = subprocess.run(
            [program(), *arguments, "--cell", str(self.file), "--json"],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def voter(self, number=0):
        """The endpoint of a voter."""
        return self.info["voters"][number]["endpoint"]

    def replica(self, number=0):
        """The endpoint of a replica."""
        return self.info["replicas"][number]["endpoint"]

    def account(self):
        """A new account, for one test alone."""
        email = f"{uuid.uuid4().hex}@example.com"
        return Account(self, self.run("account", "create", "--email", email))


class Account:
    """An account and clients for its root."""

    def __init__(self, cell, made):
        self.cell = cell
        self.id = made["Account"]
        self.access_key_id = made["AccessKeyId"]
        self.secret_access_key = made["SecretAccessKey"]

    def client(self, service, endpoint=None, credentials=None, retries=0):
        """A boto3 client, of root or of the credentials given."""
        credentials = credentials or {
            "AccessKeyId": self.access_key_id,
            "SecretAccessKey": self.secret_access_key,
        }
        return boto3.client(
            service,
            endpoint_url=endpoint or self.cell.voter(),
            region_name="us-east-1",
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials.get("SessionToken"),
            config=Config(retries={"max_attempts": retries}, parameter_validation=False),
        )

    @property
    def iam(self):
        """IAM as root."""
        return self.client("iam")

    @property
    def sts(self):
        """STS as root."""
        return self.client("sts")

    def user(self, name, *statements):
        """A user with a key and, where statements are given, an inline policy of them."""
        self.iam.create_user(UserName=name)
        if statements:
            self.iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=policy(*statements))
        return self.iam.create_access_key(UserName=name)["AccessKey"]

    def aws(self, *arguments, check=True):
        """The unmodified aws command line as root."""
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.cell.data),
            "AWS_ENDPOINT_URL": self.cell.voter(1),
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            "AWS_PAGER": "",
        }
        aws = Path(sys.executable).parent / "aws"
        done = subprocess.run(
            [sys.executable, str(aws), *arguments, "--output", "json"],
            capture_output=True,
            text=True,
            env=environment,
            timeout=60,
        )
        if check:
            assert done.returncode == 0, done.stderr
            return json.loads(done.stdout) if done.stdout.strip() else None
        return done


def policy(*statements):
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **more):
    """A statement that allows."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action, resource="*", **more):
    """A statement that denies."""
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def trust(principal):
    """A trust policy."""
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    return policy(statement)


@pytest.fixture(scope="session")
def cell():
    """One cell for all tests."""
    with tempfile.TemporaryDirectory(prefix="bailiwick-") as data:
        running = Cell(data)
        yield running
        running.stop()


@pytest.fixture
def account(cell):
    """An account of the test's own."""
    return cell.account()
