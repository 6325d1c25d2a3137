//! A cell for cases: one account, its root, a clock that stands still, entries applied one by one.

use bytes::Bytes;
use model::v1::{self, caller};
use model::{Ack, State, id};
use prost::Message;
use schema::Fault;

use crate::table::Indexed;
use crate::{Call, Operation, Write, apply, call};

/// The account of every case.
pub const ACCOUNT: &str = "123456789012";
/// 2026-01-02T03:04:05Z
pub const NOW_MS: u64 = 1_767_323_045_000;

/// A state and the revision it is at.
pub struct Cell {
    /// The state.
    pub state: State,
    /// Root of [`ACCOUNT`].
    pub root: v1::Caller,
    /// What the last entry's account waits for.
    pub ack: Option<Ack>,
}

impl Default for Cell {
    fn default() -> Self {
        Cell::new()
    }
}

impl Cell {
    /// A cell with the AWS-named policies and one account, whose root has a key.
    pub fn new() -> Self {
        let mut cell = Cell { state: State::default(), root: v1::Caller::default(), ack: None };
        let operator_key_id = "BWOPTEST".to_owned();
        let init =
            schema::internal::v1::InitializeCellRequest { operator_key_id, ..Default::default() };
        cell.write_as(&system(), init).expect("a cell can be initialized");
        let account = cell.account(ACCOUNT, "root@example.com");
        cell.root = account;
        cell
    }

    /// Makes another account; the caller is its root.
    pub fn account(&mut self, account_id: &str, email: &str) -> v1::Caller {
        let made = self
            .write_as(
                &Cell::operator(),
                schema::admin::v1::CreateAccountRequest {
                    email: email.to_owned(),
                    account_id: Some(account_id.to_owned()),
                    root_access_key: true,
                    ..Default::default()
                },
            )
            .expect("an account can be made");
        long_term(made.access_key_id())
    }

    /// The operator's caller.
    pub fn operator() -> v1::Caller {
        v1::Caller {
            access_key_id: "BWOPTEST".to_owned(),
            kind: Some(caller::Kind::Operator(caller::Operator {})),
        }
    }

    /// Applies a writing operation as root.
    pub fn write<O: Write + Indexed>(&mut self, request: O) -> Result<O::Response, Fault> {
        self.write_as(&self.root.clone(), request)
    }

    /// Applies a writing operation as a caller.
    pub fn write_as<O: Write + Indexed>(
        &mut self,
        caller: &v1::Caller,
        request: O,
    ) -> Result<O::Response, Fault> {
        let revision = self.state.revision() + 1;
        let entry = v1::Entry {
            stamp: Some(v1::Stamp {
                time_ms: NOW_MS,
                seed: Bytes::from_static(b"0123456789abcdef"),
                feature_level: 1,
            }),
            operation: O::INDEX.into(),
            request: request.encode_to_vec().into(),
            caller: Some(caller.clone()),
            context: Some(context()),
            sealed: self.sealed(caller, &request),
            ..Default::default()
        };
        let applied = apply(self.state.clone(), &entry, revision);
        // Every case checks two more things: replicas, which get changes only, and snapshots agree with voters.
        let replica =
            self.state.clone().changed(revision, NOW_MS, &applied.changes).expect("changes fit");
        assert_eq!(replica.digest(), applied.state.digest(), "a replica agrees with its voters");
        let restored =
            State::restore(revision, NOW_MS, applied.state.entities()).expect("a snapshot fits");
        assert_eq!(restored.digest(), applied.state.digest(), "a snapshot holds the whole state");
        self.state = applied.state;
        self.ack = applied.ack;
        applied.outcome.map(|bytes| O::Response::decode(bytes).expect("answers decode"))
    }

    /// Answers a reading operation as root.
    pub fn read<O: crate::Read + Indexed>(&self, request: O) -> Result<O::Response, Fault> {
        self.read_as(&self.root, request)
    }

    /// Answers a reading operation as a caller.
    pub fn read_as<O: crate::Read + Indexed>(
        &self,
        caller: &v1::Caller,
        request: O,
    ) -> Result<O::Response, Fault> {
        let answer = crate::read(&self.state, &self.call(caller, &request));
        let bytes = answer.map_err(|refused| refused.fault)?;
        Ok(O::Response::decode(bytes).expect("answers decode"))
    }

    /// Mints a session as a caller: the caller that its credentials make, and the answer.
    pub fn mint_as<O: crate::Mint + Indexed>(
        &self,
        caller: &v1::Caller,
        request: O,
    ) -> Result<(v1::Caller, O::Response), Fault> {
        let minted = crate::mint(&self.state, &self.call(caller, &request));
        let minted = minted.map_err(|refused| refused.fault)?;
        let access_key_id = id::session_key_id(&minted.session.account_id, 1);
        let credentials = schema::sts::v1::Credentials {
            access_key_id: access_key_id.clone(),
            secret_access_key: "secret".to_owned(),
            session_token: "token".to_owned(),
            ..Default::default()
        };
        let response = O::Response::decode(minted.deliver(credentials)?).expect("answers decode");
        let session = v1::Session { access_key_id: access_key_id.clone(), ..minted.session };
        Ok((v1::Caller { access_key_id, kind: Some(caller::Kind::Session(session)) }, response))
    }

    /// A user with a key: its caller.
    pub fn user(&mut self, name: &str) -> v1::Caller {
        let create =
            schema::iam::v1::CreateUserRequest { user_name: name.to_owned(), ..Default::default() };
        self.write(create).expect("a user can be made");
        let create = schema::iam::v1::CreateAccessKeyRequest { user_name: Some(name.to_owned()) };
        let made = self.write(create).expect("a key can be made");
        long_term(&made.access_key.expect("the key is told").access_key_id)
    }

    /// Gives a user an inline policy.
    pub fn allow(&mut self, user_name: &str, policy_document: &str) {
        self.write(schema::iam::v1::PutUserPolicyRequest {
            user_name: user_name.to_owned(),
            policy_name: "allow".to_owned(),
            policy_document: policy_document.to_owned(),
        })
        .expect("a policy can be put");
    }

    /// The call that a request of a caller makes.
    pub fn call(&self, caller: &v1::Caller, request: &(impl Operation + Indexed)) -> Call {
        Call {
            operation: request.index(),
            request: request.encode_to_vec().into(),
            caller: caller.clone(),
            context: context(),
            now_ms: NOW_MS,
        }
    }

    fn sealed<O: Write + Indexed>(
        &self,
        caller: &v1::Caller,
        request: &O,
    ) -> Option<v1::SealedSecret> {
        let owner_id = call::secret_owner(&self.state, &self.call(caller, request)).ok()??;
        Some(v1::SealedSecret {
            key_id: Bytes::from_static(b"masterky"),
            nonce: Bytes::from_static(b"twelve bytes"),
            ciphertext: Bytes::from_static(b"sealed"),
            owner_id,
        })
    }
}

/// The caller of a long-term key.
pub fn long_term(access_key_id: &str) -> v1::Caller {
    v1::Caller {
        access_key_id: access_key_id.to_owned(),
        kind: Some(caller::Kind::LongTerm(caller::LongTerm {})),
    }
}

/// The cell itself.
pub fn system() -> v1::Caller {
    v1::Caller { kind: Some(caller::Kind::System(caller::System {})), ..Default::default() }
}

/// Asserts that an answer is a fault with a code and a message.
#[track_caller]
pub fn assert_fault<T: std::fmt::Debug>(answer: Result<T, Fault>, code: &str, message: &str) {
    let fault = answer.expect_err("a fault");
    assert_eq!((&*fault.code, fault.message.as_str()), (code, message));
}

/// A trust policy that lets a principal assume the role.
pub fn trust(principal: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{
            "Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"sts:AssumeRole"}}}}"#
    )
}

/// An identity policy that allows an action on a resource.
pub fn allow(action: &str, resource: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"{action}","Resource":"{resource}"}}}}"#
    )
}

fn context() -> v1::RequestContext {
    v1::RequestContext {
        source_ip: "192.0.2.1".to_owned(),
        user_agent: "cases".to_owned(),
        secure_transport: true,
        region: "us-east-1".to_owned(),
        referer: String::new(),
    }
}
