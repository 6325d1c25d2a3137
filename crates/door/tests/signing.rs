//! docs/signing.md says what is true.

const DOCUMENT: &str = include_str!("../../../docs/signing.md");

#[test]
fn the_example_is_what_the_signer_makes() {
    let message = b"\x0a\x05alice";
    let hash = sigv4::sha256(message);
    let signed = sigv4::sign(
        &sigv4::HttpRequest {
            method: "POST",
            path: "/bailiwick.iam.v1.Iam/GetUser",
            query: "",
            headers: &[("host", b"localhost:8080")],
            body_sha256: hash,
        },
        &sigv4::Credentials {
            access_key_id: "AKIDEXAMPLE",
            secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            session_token: None,
        },
        sigv4::Scope { region: "us-east-1", service: "iam" },
        1_767_323_045,
    );
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(DOCUMENT.contains(&hash), "{hash}");
    let signed = signed.expect("it can be signed");
    let authorization = &signed.iter().find(|(name, _)| *name == "authorization").expect("one").1;
    for part in authorization.split(", ") {
        assert!(DOCUMENT.contains(part), "{authorization}");
    }
}
