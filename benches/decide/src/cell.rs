//! A workload as a cell holds it, and its requests as messages.

use model::record::Record;
use model::{State, v1};
use prost::Message;
use schema::authz::v1::{DecideRequest, Principal, Question, Values, principal};

use crate::workload::{self, Workload};

pub const OPERATOR: &str = "BWOPBENCH";
/// The key of a user that may ask.
pub const ASKER: &str = "AKIABENCH";
const MAY_ASK: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"authz:Decide","Resource":"*"}}"#;
/// Whoever is named by an ARN has shown no MFA: with this policy every answer would be the same.
const LEFT_OUT: &str = "ForceMFA";
/// What the cell fills in by itself, and takes from nobody.
const OF_THE_CELL: [&str; 7] = [
    "aws:CurrentTime",
    "aws:MultiFactorAuthPresent",
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalTag/team",
    "aws:userid",
    "aws:username",
];

fn policy_arn(account_id: &str, name: &str) -> String {
    model::arn::iam(account_id, "policy", "/", name)
}

pub fn state(workload: &Workload) -> State {
    let account_id = &workload.principals[0].account;
    let account = v1::Account { account_id: account_id.clone(), ..Default::default() };
    let access_key_id = OPERATOR.to_owned();
    let secret = Some(secret_of(&access_key_id));
    let operator = v1::OperatorKey { access_key_id, secret, ..Default::default() };
    let policies = workload.policies.iter().map(|(name, document)| v1::ManagedPolicy {
        account_id: account_id.clone(),
        name: name.clone(),
        path: "/".to_owned(),
        id: format!("ANPA{name}"),
        versions: vec![v1::PolicyVersion {
            number: 1,
            document: document.to_string(),
            ..Default::default()
        }],
        default_version: 1,
        next_version: 2,
        ..Default::default()
    });
    let users = workload.principals.iter().enumerate().map(|(at, principal)| {
        let names = principal.policies.iter().filter(|name| *name != LEFT_OUT);
        let arn_of = |name: &String| policy_arn(account_id, name);
        v1::User {
            account_id: account_id.clone(),
            name: name_of(principal).to_owned(),
            path: "/".to_owned(),
            id: format!("AIDA{at:016}"),
            tags: vec![v1::Tag { key: "team".to_owned(), value: "search".to_owned() }],
            attached_policies: names.map(arn_of).collect(),
            boundary: principal.boundary.as_ref().map(arn_of).unwrap_or_default(),
            ..Default::default()
        }
    });
    let entities = [account.into_entity(), operator.into_entity()];
    let entities = entities.into_iter().chain(policies.map(Record::into_entity));
    let entities = entities.chain(users.map(Record::into_entity)).chain(asker(account_id));
    State::restore(7, 0, entities).expect("a whole")
}

fn asker(account_id: &str) -> [v1::Entity; 2] {
    let (account_id, id) = (account_id.to_owned(), "AIDAASKER".to_owned());
    let key = v1::AccessKey {
        id: ASKER.to_owned(),
        account_id: account_id.clone(),
        owner_id: id.clone(),
        active: true,
        secret: Some(secret_of(&id)),
        ..Default::default()
    };
    let policy = v1::InlinePolicy { name: "ask".to_owned(), document: MAY_ASK.to_owned() };
    let user = v1::User {
        account_id,
        name: "asker".to_owned(),
        path: "/".to_owned(),
        id,
        inline_policies: vec![policy],
        ..Default::default()
    };
    [user.into_entity(), key.into_entity()]
}

/// Temporary credentials of the same user.
pub fn session(state: &State) -> v1::Caller {
    let (account, key) = state.access_key(ASKER).expect("the asker's key");
    let subject =
        v1::UserSession { owner_id: key.owner_id.clone(), parent_key_id: ASKER.to_owned() };
    let session = v1::Session {
        account_id: account.id().to_owned(),
        access_key_id: "ASIABENCH".to_owned(),
        expires_ms: u64::MAX,
        subject: Some(v1::session::Subject::User(subject)),
        ..Default::default()
    };
    let access_key_id = session.access_key_id.clone();
    v1::Caller { access_key_id, kind: Some(v1::caller::Kind::Session(session)) }
}

fn secret_of(owner_id: &str) -> v1::SealedSecret {
    v1::SealedSecret { owner_id: owner_id.to_owned(), ..Default::default() }
}

fn name_of(principal: &workload::Principal) -> &str {
    principal.arn.rsplit('/').next().expect("an ARN of a user")
}

pub fn messages(workload: &Workload) -> Vec<Vec<u8>> {
    let message = |request: &workload::Request| {
        let principal = &workload.principals[request.principal];
        let told = request.context.iter().filter(|(key, _)| !OF_THE_CELL.contains(&key.as_str()));
        let context =
            told.map(|(key, value)| (key.clone(), Values { values: vec![value.clone()] }));
        let question = Question {
            principal: Some(Principal { who: Some(principal::Who::Arn(principal.arn.clone())) }),
            action: request.action.clone(),
            resource: request.resource.clone(),
            resource_account: Some(principal.account.clone()),
            context: context.collect(),
            resource_policy: None,
        };
        DecideRequest { question: Some(question) }.encode_to_vec()
    };
    workload.requests.iter().map(message).collect()
}
