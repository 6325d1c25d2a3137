//! The clients' words as the product's messages, and back.

use std::collections::BTreeMap;

use bytes::Bytes;
use ops::table::Indexed;
use prost::{DecodeError, Message as _};
use schema::iam::v1::{
    AttachUserPolicyRequest, CreateAccessKeyRequest, CreateUserRequest, CreateUserResponse,
    DeleteAccessKeyRequest, DeleteUserRequest, DetachUserPolicyRequest, GetUserRequest,
    GetUserResponse, ListAccessKeysRequest, ListAccessKeysResponse,
    ListAttachedUserPoliciesRequest, ListAttachedUserPoliciesResponse, ListUserTagsRequest,
    ListUserTagsResponse, ListUsersRequest, ListUsersResponse, Tag, TagUserRequest,
    UntagUserRequest, UpdateUserRequest, User,
};

use crate::world::{Question, Said, Write};

/// What stands behind the clients' words in the product.
#[derive(Clone, Default, Debug)]
pub struct Terms {
    /// The account's id.
    pub account: String,
    /// Only users below this path are the clients'; all of them when it is none.
    pub path_prefix: Option<String>,
    /// The ids of the keys by what they are called in writes.
    pub keys: BTreeMap<String, String>,
}

impl Terms {
    fn policy_arn(&self, policy: &str) -> String {
        format!("arn:aws:iam::{}:policy/{policy}", self.account)
    }
}

/// A request of the product.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// The operation's number in the schema.
    pub operation: u16,
    /// The request, encoded.
    pub bytes: Bytes,
}

fn message<O: prost::Message + Indexed>(request: &O) -> Message {
    Message { operation: O::INDEX, bytes: request.encode_to_vec().into() }
}

/// A write as a request. A key that the terms do not know has the id of none.
pub fn write(write: &Write, terms: &Terms) -> Message {
    match write.clone() {
        Write::Create { name: user_name, path } => {
            let path = Some(path);
            message(&CreateUserRequest { user_name, path, ..CreateUserRequest::default() })
        }
        Write::Move { name: user_name, path } => {
            let new_path = Some(path);
            message(&UpdateUserRequest { user_name, new_path, new_user_name: None })
        }
        Write::Rename { name: user_name, to } => {
            let new_user_name = Some(to);
            message(&UpdateUserRequest { user_name, new_user_name, new_path: None })
        }
        Write::Delete { name: user_name } => message(&DeleteUserRequest { user_name }),
        Write::Tag { name: user_name, key, value } => {
            message(&TagUserRequest { user_name, tags: vec![Tag { key, value }] })
        }
        Write::Untag { name: user_name, key } => {
            message(&UntagUserRequest { user_name, tag_keys: vec![key] })
        }
        Write::Attach { name: user_name, policy } => {
            let policy_arn = terms.policy_arn(&policy);
            message(&AttachUserPolicyRequest { user_name, policy_arn })
        }
        Write::Detach { name: user_name, policy } => {
            let policy_arn = terms.policy_arn(&policy);
            message(&DetachUserPolicyRequest { user_name, policy_arn })
        }
        Write::AddKey { name, .. } => message(&CreateAccessKeyRequest { user_name: Some(name) }),
        Write::DropKey { name, mark } => {
            let access_key_id = terms.keys.get(&mark).cloned();
            let access_key_id = access_key_id.unwrap_or_else(|| "AKIAAAAAAAAAAAAAAAAA".to_owned());
            message(&DeleteAccessKeyRequest { user_name: Some(name), access_key_id })
        }
    }
}

/// A question as a request.
pub fn question(question: &Question, terms: &Terms) -> Message {
    match question.clone() {
        Question::Get(name) => message(&GetUserRequest { user_name: Some(name) }),
        Question::List => message(&ListUsersRequest {
            path_prefix: terms.path_prefix.clone(),
            max_items: Some(1000),
            ..ListUsersRequest::default()
        }),
        Question::Tags(user_name) => {
            message(&ListUserTagsRequest { user_name, ..ListUserTagsRequest::default() })
        }
        Question::Attached(user_name) => message(&ListAttachedUserPoliciesRequest {
            user_name,
            ..ListAttachedUserPoliciesRequest::default()
        }),
        Question::Keys(name) => message(&ListAccessKeysRequest {
            user_name: Some(name),
            ..ListAccessKeysRequest::default()
        }),
    }
}

/// What a write's outcome says: the response, encoded, or a fault's code.
pub fn said_to_write(write: &Write, outcome: Result<Bytes, String>) -> Said {
    match (write, outcome) {
        (_, Err(code)) => Said::Fault(code),
        (Write::Create { .. }, Ok(response)) => {
            said(CreateUserResponse::decode(response), |response| user(response.user))
        }
        (_, Ok(_)) => Said::Done,
    }
}

/// What a question's outcome says: the response, encoded, or a fault's code.
pub fn said_to_question(question: &Question, outcome: Result<Bytes, String>) -> Said {
    let response = match outcome {
        Ok(response) => response,
        Err(code) => return Said::Fault(code),
    };
    match question {
        Question::Get(_) => said(GetUserResponse::decode(response), |response| user(response.user)),
        Question::List => said(ListUsersResponse::decode(response), |response| {
            let users = response.users.into_iter().map(|user| (user.user_name, user.path));
            Said::Users(users.collect())
        }),
        Question::Tags(_) => said(ListUserTagsResponse::decode(response), |response| {
            Said::Tags(response.tags.into_iter().map(|tag| (tag.key, tag.value)).collect())
        }),
        Question::Attached(_) => {
            said(ListAttachedUserPoliciesResponse::decode(response), |response| {
                let attached = response.attached_policies.into_iter();
                Said::Policies(attached.filter_map(|policy| policy.policy_name).collect())
            })
        }
        Question::Keys(_) => said(ListAccessKeysResponse::decode(response), |response| {
            Said::Count(response.access_key_metadata.len())
        }),
    }
}

fn said<R>(response: Result<R, DecodeError>, of: impl FnOnce(R) -> Said) -> Said {
    response.map_or_else(|error| Said::Fault(format!("({error})")), of)
}

fn user(user: Option<User>) -> Said {
    match user {
        Some(user) => Said::User(user.path),
        None => Said::Fault("(an answer without a user)".to_owned()),
    }
}
