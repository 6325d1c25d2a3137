//! A cell for checks over the table: it works as nodes do, with encoded entries and changes.

use bytes::Bytes;
use model::v1::{self, caller};
use model::{State, id};
use ops::table::Indexed;
use ops::{Applied, Call, Fault, Write};
use prost::Message;
use schema::Kind;

/// The account of every check.
pub const ACCOUNT: &str = "123456789012";
/// The other account.
pub const OTHER: &str = "222222222222";
/// 2026-01-02T03:04:05Z
const BEGIN_MS: u64 = 1_767_323_045_000;
const OPERATOR_KEY_ID: &str = "BWOPGOLDEN";

/// A state, and the entries that led to it.
#[derive(Clone)]
pub struct Cell {
    /// What a voter holds.
    pub state: State,
    /// What a replica holds, which gets changes only.
    pub replica: State,
    /// Every entry so far, with a code where it was answered by a fault.
    pub log: Vec<(v1::Entry, Option<String>)>,
    /// Root of [`ACCOUNT`].
    pub root: v1::Caller,
}

impl Cell {
    /// A cell with the AWS-named policies and one account, whose root has a key.
    pub fn new() -> Self {
        let mut cell = Cell {
            state: State::default(),
            replica: State::default(),
            log: Vec::new(),
            root: v1::Caller::default(),
        };
        let operator_key_id = OPERATOR_KEY_ID.to_owned();
        let born =
            schema::internal::v1::InitializeCellRequest { operator_key_id, ..Default::default() };
        cell.write(&system(), born);
        cell.root = cell.account(ACCOUNT);
        cell
    }

    /// Makes another account; the caller is its root.
    pub fn account(&mut self, account_id: &str) -> v1::Caller {
        let request = schema::admin::v1::CreateAccountRequest {
            email: format!("root@{account_id}.example.com"),
            account_id: Some(account_id.to_owned()),
            root_access_key: true,
            ..Default::default()
        };
        long_term(self.write(&operator(), request).access_key_id())
    }

    /// A user with a key and inline policies: its caller.
    pub fn user(&mut self, root: &v1::Caller, name: &str, documents: &[&str]) -> v1::Caller {
        let user_name = name.to_owned();
        let create = schema::iam::v1::CreateUserRequest { user_name, ..Default::default() };
        self.write(root, create);
        for (position, document) in documents.iter().enumerate() {
            self.write(
                root,
                schema::iam::v1::PutUserPolicyRequest {
                    user_name: name.to_owned(),
                    policy_name: format!("p{position}"),
                    policy_document: (*document).to_owned(),
                },
            );
        }
        let user_name = Some(name.to_owned());
        let made = self.write(root, schema::iam::v1::CreateAccessKeyRequest { user_name });
        long_term(&made.access_key.expect("the key is told").access_key_id)
    }

    /// Applies a writing operation that must succeed.
    #[track_caller]
    pub fn write<O: Write + Indexed>(&mut self, caller: &v1::Caller, request: O) -> O::Response {
        match self.try_write(caller, request) {
            Ok(response) => response,
            Err(fault) => panic!("{fault:?}"),
        }
    }

    /// Applies a writing operation.
    pub fn try_write<O: Write + Indexed>(
        &mut self,
        caller: &v1::Caller,
        request: O,
    ) -> Result<O::Response, Fault> {
        let entry = self.entry(caller, O::INDEX, request.encode_to_vec().into());
        let outcome = self.apply(entry).outcome?;
        Ok(O::Response::decode(outcome).expect("answers decode"))
    }

    /// Applies an entry to the voter's state and its changes to the replica's.
    pub fn apply(&mut self, entry: v1::Entry) -> Applied {
        let revision = self.state.revision() + 1;
        let applied = ops::apply(self.state.clone(), &entry, revision);
        self.state = applied.state.clone();
        let replica =
            self.replica.clone().changed(revision, self.state.time_ms(), &applied.changes);
        self.replica = replica.expect("changes fit");
        let code = applied.outcome.as_ref().err().map(|fault| fault.code.to_string());
        self.log.push((entry, code));
        applied
    }

    /// The next entry as a leader would stamp it.
    pub fn entry(&self, caller: &v1::Caller, operation: u16, request: Bytes) -> v1::Entry {
        let revision = self.state.revision() + 1;
        let call = self.call(caller, operation, request);
        let owner_id = ops::secret_owner(&self.state, &call).ok().flatten();
        v1::Entry {
            stamp: Some(v1::Stamp {
                time_ms: BEGIN_MS + revision * 1000,
                seed: u128::from(revision).wrapping_mul(SPREAD).to_be_bytes().to_vec().into(),
                feature_level: 1,
            }),
            request_id: format!("request-{revision}"),
            operation: operation.into(),
            request: call.request,
            caller: Some(call.caller),
            context: Some(call.context),
            sealed: owner_id.map(sealed_for),
            awaited: false,
        }
    }

    /// A call as a front door would make it.
    pub fn call(&self, caller: &v1::Caller, operation: u16, request: Bytes) -> Call {
        Call {
            operation,
            request,
            caller: caller.clone(),
            context: v1::RequestContext {
                source_ip: "192.0.2.1".to_owned(),
                user_agent: "table".to_owned(),
                secure_transport: true,
                region: "us-east-1".to_owned(),
                referer: String::new(),
            },
            now_ms: self.state.time_ms(),
        }
    }

    /// What an operation of any kind answers, with the changes it would make. The cell stays as it is.
    pub fn ask(
        &self,
        caller: &v1::Caller,
        operation: &schema::OperationInfo,
        request: &Bytes,
    ) -> (Result<Bytes, Fault>, Vec<v1::Change>) {
        let call = self.call(caller, operation.index, request.clone());
        match operation.kind {
            Kind::Read => (ops::read(&self.state, &call).map_err(told), Vec::new()),
            Kind::Mint => {
                let minted = ops::mint(&self.state, &call);
                (minted.map(|_| Bytes::new()).map_err(told), Vec::new())
            }
            Kind::Write => {
                let entry = self.entry(caller, operation.index, request.clone());
                let applied = ops::apply(self.state.clone(), &entry, self.state.revision() + 1);
                (applied.outcome, applied.changes)
            }
            Kind::Planned => panic!("{} is planned", operation.name),
        }
    }

    /// The caller that a minted session makes.
    pub fn mint<O: ops::Mint + Indexed>(&self, caller: &v1::Caller, request: O) -> v1::Caller {
        let call = self.call(caller, O::INDEX, request.encode_to_vec().into());
        let minted = ops::mint(&self.state, &call).expect("a session can be minted");
        let access_key_id = id::session_key_id(&minted.session.account_id, 1);
        let session = v1::Session { access_key_id: access_key_id.clone(), ..minted.session };
        v1::Caller { access_key_id, kind: Some(caller::Kind::Session(session)) }
    }
}

fn told(refused: ops::Refused) -> Fault {
    refused.fault
}

/// Any odd number with its bits all over.
const SPREAD: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;

fn sealed_for(owner_id: String) -> v1::SealedSecret {
    v1::SealedSecret {
        key_id: Bytes::from_static(b"masterky"),
        nonce: Bytes::from_static(b"twelve bytes"),
        ciphertext: Bytes::from_static(b"sealed"),
        owner_id,
    }
}

/// The caller of a long-term key.
pub fn long_term(access_key_id: &str) -> v1::Caller {
    v1::Caller {
        access_key_id: access_key_id.to_owned(),
        kind: Some(caller::Kind::LongTerm(caller::LongTerm {})),
    }
}

/// The operator's caller.
pub fn operator() -> v1::Caller {
    v1::Caller {
        access_key_id: OPERATOR_KEY_ID.to_owned(),
        kind: Some(caller::Kind::Operator(caller::Operator {})),
    }
}

/// The cell itself.
pub fn system() -> v1::Caller {
    v1::Caller { kind: Some(caller::Kind::System(caller::System {})), ..Default::default() }
}

/// An identity policy that allows or denies actions on everything.
pub fn policy(effect: &str, actions: &[&str]) -> String {
    let actions = actions.join(r#"",""#);
    format!(
        r#"{{"Version":"2012-10-17",
            "Statement":{{"Effect":"{effect}","Action":["{actions}"],"Resource":"*"}}}}"#
    )
}

/// A trust policy that lets principals assume the role.
pub fn trust(principals: &[&str]) -> String {
    let principals = principals.join(r#"",""#);
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{
            "Effect":"Allow","Principal":{{"AWS":["{principals}"]}},"Action":"sts:AssumeRole"}}}}"#
    )
}
