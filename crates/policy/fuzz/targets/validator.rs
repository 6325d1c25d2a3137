//! The validator takes any text, and finds places that are there.

#[path = "../../tests/check/shape.rs"]
mod shape;

use policy::{Kind, Policy, check::PolicyType, check::check};

/// Checks the bytes as every kind of policy.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    shape::shape(&text);
    let findings = check(&text, PolicyType::Identity);
    if shape::has(&findings, &shape::SYNTAX) {
        assert!(Policy::parse(&text, Kind::Identity).is_err(), "{findings:#?}");
    }
}
