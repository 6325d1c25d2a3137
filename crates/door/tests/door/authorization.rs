//! Authorization messages, from a refusal to whoever may decode it.

use crate::http::call;
use crate::people::user;

const HEADER: &str = "x-bailiwick-authorization-message";
const OP: &str = "DecodeAuthorizationMessage";

#[tokio::test]
async fn a_refusal_is_explained_to_those_who_may_decode_it() {
    let (cell, served) = crate::cell().await;
    let erin = user(&cell, served.address, "erin").await;
    let refused = call(&cell, served.address, &erin, "DeleteUser", &[("UserName", "erin")]).await;
    refused.is_fault(403, "AccessDenied", "is not authorized to perform: iam:DeleteUser");
    let message = refused.headers[HEADER].clone();
    assert!(!refused.body.contains(&message), "the text is AWS's alone");

    let members = [("EncodedMessage", message.as_str())];
    let decoded = call(&cell, served.address, &cell.root, OP, &members).await;
    assert_eq!(decoded.status, 200, "{decoded:?}");
    let text = decoded.element("DecodedMessage");
    for part in ["iam:DeleteUser", "arn:aws:iam::123456789012:user/erin", "explicitDeny"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let refused = call(&cell, served.address, &erin, OP, &members).await;
    refused.is_fault(403, "AccessDenied", "sts:DecodeAuthorizationMessage");
    served.close().await;
}

#[tokio::test]
async fn what_this_cell_did_not_seal_is_no_message() {
    let (cell, served) = crate::cell().await;
    // The last is what an operation is handed when a message opens: nobody hands it over himself.
    for forged in ["nothing", "AAAA", "123456789012\n{}"] {
        let members = [("EncodedMessage", forged)];
        let refused = call(&cell, served.address, &cell.root, OP, &members).await;
        refused.is_fault(400, "InvalidAuthorizationMessageException", "Message is not valid.");
    }
    let users = call(&cell, served.address, &cell.root, "ListUsers", &[]).await;
    assert!(!users.headers.contains_key(HEADER));
    served.close().await;
}
