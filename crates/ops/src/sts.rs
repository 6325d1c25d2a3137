//! STS: who am I, and temporary credentials.

mod assume_role;
mod decode_authorization_message;
mod get_access_key_info;
mod get_caller_identity;
mod get_session_token;
mod session_policy;
mod session_tags;
