//! What clients and the cell's makers ask, as proposals.

use bytes::Bytes;
use cluster::Proposal;
use model::State;
use ops::table::Indexed;
use prost::Message;
use schema::Fault;
use schema::admin::v1::{CreateAccountRequest, CreateAccountResponse};
use schema::iam::v1::CreateAccessKeyResponse;
use schema::internal::v1::InitializeCellRequest;
use schema::model::v1::{Caller, RequestContext, SealedSecret, caller};

use crate::settings::{DRIFT_PPM, MAX_STALENESS_MS};
use crate::words::{self, Message as Words, Terms};
use crate::world::{Question, Said, Write};

const OPERATOR_KEY: &str = "BWOPSIMULATION";
const ACCOUNT: &str = "123456789012";

/// The cell's first entry.
pub(crate) fn initialize() -> Proposal {
    let request = InitializeCellRequest {
        operator_key_id: OPERATOR_KEY.to_owned(),
        max_staleness_ms: Some(MAX_STALENESS_MS),
        clock_drift_ppm: u32::try_from(DRIFT_PPM).ok(),
    };
    let system =
        Caller { kind: Some(caller::Kind::System(caller::System {})), ..Caller::default() };
    let sealed = Some(sealed(OPERATOR_KEY));
    Proposal { sealed, ..proposal(&request, system, "initialize") }
}

/// The account of all clients.
pub(crate) fn create_account() -> Proposal {
    let request = CreateAccountRequest {
        email: "root@example.com".to_owned(),
        account_id: Some(ACCOUNT.to_owned()),
        root_access_key: true,
        ..CreateAccountRequest::default()
    };
    let kind = Some(caller::Kind::Operator(caller::Operator {}));
    let operator = Caller { access_key_id: OPERATOR_KEY.to_owned(), kind };
    Proposal {
        sealed: Some(sealed(ACCOUNT)),
        awaited: false,
        ..proposal(&request, operator, "create-account")
    }
}

/// Whether a caller is known; before that nobody can be answered.
pub(crate) fn knows(state: &State, caller: &Caller) -> bool {
    state.access_key(&caller.access_key_id).is_some()
}

/// The account's root, who makes all calls.
pub(crate) fn root(created: &[u8]) -> Result<Caller, String> {
    let created = CreateAccountResponse::decode(created).map_err(|error| error.to_string())?;
    let kind = Some(caller::Kind::LongTerm(caller::LongTerm {}));
    Ok(Caller { access_key_id: created.access_key_id().to_owned(), kind })
}

fn sealed(owner_id: &str) -> SealedSecret {
    SealedSecret {
        key_id: Bytes::from_static(b"masterky"),
        nonce: Bytes::from_static(b"twelve bytes"),
        ciphertext: Bytes::from_static(b"sealed"),
        owner_id: owner_id.to_owned(),
    }
}

fn proposal<O: Message + Indexed>(request: &O, caller: Caller, request_id: &str) -> Proposal {
    propose(
        Words { operation: O::INDEX, bytes: request.encode_to_vec().into() },
        caller,
        request_id,
    )
}

fn propose(words: Words, caller: Caller, request_id: &str) -> Proposal {
    Proposal {
        operation: words.operation,
        request: words.bytes,
        request_id: request_id.to_owned(),
        caller,
        context: context(),
        sealed: None,
        awaited: false,
    }
}

fn context() -> RequestContext {
    RequestContext {
        source_ip: "192.0.2.1".to_owned(),
        user_agent: "simulation".to_owned(),
        secure_transport: true,
        region: "us-east-1".to_owned(),
        ..RequestContext::default()
    }
}

/// A write, as the front door of a node that shows a state hands it on. Nothing for a key of somebody not seen there.
pub(crate) fn write(
    write: &Write,
    terms: &Terms,
    caller: &Caller,
    request_id: &str,
    state: &State,
) -> Option<Proposal> {
    let proposal = propose(words::write(write, terms), caller.clone(), request_id);
    let Write::AddKey { name, .. } = write else { return Some(proposal) };
    let owner = state.account(ACCOUNT)?.users().named(name)?;
    Some(Proposal { sealed: Some(sealed(&owner.id)), ..proposal })
}

/// The id of the key that was made.
pub(crate) fn key_id(response: &[u8]) -> Option<String> {
    Some(CreateAccessKeyResponse::decode(response).ok()?.access_key?.access_key_id)
}

/// What a write's outcome says.
pub(crate) fn said_to_write(write: &Write, outcome: Result<Bytes, Fault>) -> Said {
    words::said_to_write(write, outcome.map_err(code))
}

/// Asks a state.
pub(crate) fn read(state: &State, question: &Question, caller: &Caller) -> Said {
    let Words { operation, bytes } = words::question(question, &terms());
    let call = ops::Call {
        operation,
        request: bytes,
        caller: caller.clone(),
        context: context(),
        now_ms: state.time_ms(),
    };
    let said = ops::read(state, &call).map_err(|refused| code(refused.fault));
    words::said_to_question(question, said)
}

/// What stands behind the clients' words.
pub(crate) fn terms() -> Terms {
    Terms { account: ACCOUNT.to_owned(), ..Terms::default() }
}

fn code(fault: Fault) -> String {
    fault.code.into_owned()
}
