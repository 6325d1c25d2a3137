//! What is secret does not show in `Debug`, however deep it stands.

use schema::iam::v1::{AccessKey, CreateAccessKeyResponse, CreateLoginProfileRequest};
use schema::model::v1::session::Subject;
use schema::model::v1::{RoleSession, Session};
use schema::sts::v1::{AssumeRoleRequest, AssumeRoleResponse, Credentials};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG";

#[test]
fn a_new_access_key_hides_its_secret() {
    let key = AccessKey {
        access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
        secret_access_key: SECRET.to_owned(),
        ..AccessKey::default()
    };
    let shown = format!("{:?}", CreateAccessKeyResponse { access_key: Some(key) });
    assert!(!shown.contains(SECRET), "{shown}");
    assert!(shown.contains("AKIAIOSFODNN7EXAMPLE"), "{shown}");
    assert!(shown.contains("secret_access_key: ***"), "{shown}");
}

#[test]
fn a_password_hides_and_its_absence_shows() {
    let with = CreateLoginProfileRequest {
        user_name: Some("alice".to_owned()),
        password: Some(SECRET.to_owned()),
        ..CreateLoginProfileRequest::default()
    };
    assert!(format!("{with:?}").contains("password: ***"), "{with:?}");
    assert!(format!("{with:#?}").contains("alice") && !format!("{with:#?}").contains(SECRET));
    let without = CreateLoginProfileRequest::default();
    assert!(format!("{without:?}").contains("password: None"), "{without:?}");
}

#[test]
fn session_credentials_hide() {
    let credentials = Credentials {
        secret_access_key: SECRET.to_owned(),
        session_token: SECRET.to_owned(),
        ..Credentials::default()
    };
    let answer =
        AssumeRoleResponse { credentials: Some(credentials), ..AssumeRoleResponse::default() };
    assert!(!format!("{answer:?}").contains(SECRET), "{answer:?}");
    let request =
        AssumeRoleRequest { token_code: Some("123456".to_owned()), ..AssumeRoleRequest::default() };
    assert!(!format!("{request:?}").contains("123456"), "{request:?}");
}

#[test]
fn a_choice_beside_a_secret_still_shows() {
    let session = Session {
        secret_access_key: SECRET.to_owned(),
        subject: Some(Subject::Role(RoleSession {
            role_name: "deploy".to_owned(),
            ..RoleSession::default()
        })),
        ..Session::default()
    };
    let shown = format!("{session:?}");
    assert!(!shown.contains(SECRET), "{shown}");
    assert!(shown.contains("deploy"), "{shown}");
}
