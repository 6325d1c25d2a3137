//! The faults that several operations answer, with AWS's texts.

use schema::Fault;

/// `ValidationError`, HTTP 400.
pub fn validation(message: impl Into<String>) -> Fault {
    Fault::new("ValidationError", message)
}

/// `InvalidInput`, HTTP 400.
pub fn invalid_input(message: impl Into<String>) -> Fault {
    Fault::new("InvalidInput", message)
}

/// `NoSuchEntity`, HTTP 404.
pub fn no_such_entity(message: impl Into<String>) -> Fault {
    Fault::new("NoSuchEntity", message)
}

/// `EntityAlreadyExists`, HTTP 409.
pub fn already_exists(message: impl Into<String>) -> Fault {
    Fault::new("EntityAlreadyExists", message)
}

/// `DeleteConflict`, HTTP 409.
pub fn delete_conflict(message: impl Into<String>) -> Fault {
    Fault::new("DeleteConflict", message)
}

/// `LimitExceeded`, HTTP 409, for a quota by its name in AWS.
pub fn quota(name: &str, limit: usize) -> Fault {
    Fault::new("LimitExceeded", format!("Cannot exceed quota for {name}: {limit}"))
}

/// `AccessDenied`, HTTP 403.
pub fn access_denied(message: impl Into<String>) -> Fault {
    Fault::new("AccessDenied", message)
}

/// `MalformedPolicyDocument`, HTTP 400.
pub fn malformed_policy(malformed: &policy::Malformed) -> Fault {
    Fault::new("MalformedPolicyDocument", malformed.message.clone())
}

/// The key is unknown, inactive or gone, or the session's subject is.
pub fn invalid_client_token_id() -> Fault {
    Fault::new("InvalidClientTokenId", "The security token included in the request is invalid.")
}

/// The session has ended.
pub fn expired_token() -> Fault {
    Fault::new("ExpiredToken", "The security token included in the request is expired")
}

/// No such user.
pub fn no_user(name: &str) -> Fault {
    no_such_entity(format!("The user with name {name} cannot be found."))
}

/// No such group.
pub fn no_group(name: &str) -> Fault {
    no_such_entity(format!("The group with name {name} cannot be found."))
}

/// No such role.
pub fn no_role(name: &str) -> Fault {
    no_such_entity(format!("The role with name {name} cannot be found."))
}

/// No such instance profile.
pub fn no_instance_profile(name: &str) -> Fault {
    no_such_entity(format!("Instance Profile {name} cannot be found."))
}

/// No such managed policy, where it is read or changed.
pub fn no_policy(arn: &str) -> Fault {
    no_such_entity(format!("Policy {arn} was not found."))
}

/// No such managed policy, where it is attached or listed.
pub fn not_attachable(arn: &str) -> Fault {
    no_such_entity(format!("Policy {arn} does not exist or is not attachable."))
}

/// A name left out by a caller who is no user.
pub fn must_specify_user_name() -> Fault {
    validation("Must specify userName when calling with non-User credentials")
}

/// An operation that is planned: it stands in docs/status.md.
pub fn not_implemented(name: &str) -> Fault {
    Fault::new("NotImplemented", format!("{name} is not implemented in this version."))
}

/// An entry or request that cannot be decoded.
pub fn malformed_request() -> Fault {
    Fault::new("MalformedInput", "The request message cannot be decoded.")
}
