//! The clients' words as the product's messages, and back.

use std::collections::BTreeMap;

use bytes::Bytes;
use cluster::Proposal;
use model::State;
use ops::table::Indexed;
use prost::Message;
use schema::Fault;
use schema::admin::v1::{CreateAccountRequest, CreateAccountResponse};
use schema::iam::v1::{
    CreateUserRequest, CreateUserResponse, DeleteUserRequest, GetUserRequest, GetUserResponse,
    ListUsersRequest, ListUsersResponse, UpdateUserRequest,
};
use schema::internal::v1::InitializeCellRequest;
use schema::model::v1::{Caller, RequestContext, SealedSecret, caller};

use crate::settings::{DRIFT_PPM, MAX_STALENESS_MS};
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

/// Before this, nobody is known who could ask.
pub(crate) fn has_account(state: &State) -> bool {
    state.account(ACCOUNT).is_some()
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
    Proposal {
        operation: O::INDEX,
        request: request.encode_to_vec().into(),
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

pub(crate) fn write(write: &Write, caller: &Caller, request_id: &str) -> Proposal {
    let caller = caller.clone();
    match write.clone() {
        Write::Create { name: user_name, path } => {
            let path = Some(path);
            let request = CreateUserRequest { user_name, path, ..CreateUserRequest::default() };
            proposal(&request, caller, request_id)
        }
        Write::Move { name: user_name, path } => {
            let request =
                UpdateUserRequest { user_name, new_path: Some(path), new_user_name: None };
            proposal(&request, caller, request_id)
        }
        Write::Rename { name: user_name, to } => {
            let request = UpdateUserRequest { user_name, new_user_name: Some(to), new_path: None };
            proposal(&request, caller, request_id)
        }
        Write::Delete { name: user_name } => {
            proposal(&DeleteUserRequest { user_name }, caller, request_id)
        }
    }
}

/// What a write's outcome says.
pub(crate) fn said_to_write(write: &Write, outcome: Result<Bytes, Fault>) -> Said {
    match (write, outcome) {
        (_, Err(fault)) => fault_code(&fault),
        (Write::Create { .. }, Ok(response)) => {
            user(CreateUserResponse::decode(response), |r| r.user)
        }
        (_, Ok(_)) => Said::Done,
    }
}

/// Asks a state.
pub(crate) fn read(state: &State, question: &Question, caller: &Caller) -> Said {
    let call = |operation, request: Vec<u8>| ops::Call {
        operation,
        request: request.into(),
        caller: caller.clone(),
        context: context(),
        now_ms: state.time_ms(),
    };
    match question {
        Question::Get(name) => {
            let request = GetUserRequest { user_name: Some(name.clone()) }.encode_to_vec();
            match ops::read(state, &call(GetUserRequest::INDEX, request)) {
                Ok(response) => user(GetUserResponse::decode(response), |response| response.user),
                Err(refused) => fault_code(&refused.fault),
            }
        }
        Question::List => {
            let request = ListUsersRequest { max_items: Some(1000), ..ListUsersRequest::default() };
            match ops::read(state, &call(ListUsersRequest::INDEX, request.encode_to_vec())) {
                Ok(response) => users(ListUsersResponse::decode(response)),
                Err(refused) => fault_code(&refused.fault),
            }
        }
    }
}

fn user<R>(
    response: Result<R, prost::DecodeError>,
    of: impl FnOnce(R) -> Option<schema::iam::v1::User>,
) -> Said {
    match response.map(of) {
        Ok(Some(user)) => Said::User(user.path),
        _ => Said::Fault("(an answer without a user)".to_owned()),
    }
}

fn users(response: Result<ListUsersResponse, prost::DecodeError>) -> Said {
    match response {
        Ok(response) => {
            let users = response.users.into_iter().map(|user| (user.user_name, user.path));
            Said::Users(users.collect::<BTreeMap<_, _>>())
        }
        Err(error) => Said::Fault(format!("({error})")),
    }
}

fn fault_code(fault: &Fault) -> Said {
    Said::Fault(fault.code.to_string())
}
