//! What a call brings with it, and when it comes.

use super::*;

/// Each call is judged by what it brings itself, not by what an earlier one brought.
#[test]
fn the_call_itself() {
    let (mut cell, mut asking) = with_service();
    let request = v1::RequestContext {
        source_ip: "10.1.2.3".to_owned(),
        user_agent: "gateway/1.0".to_owned(),
        secure_transport: true,
        region: "eu-central-1".to_owned(),
        referer: "https://example.com/".to_owned(),
    };
    let other = |change: &dyn Fn(&mut v1::RequestContext)| {
        let mut other = request.clone();
        change(&mut other);
        other
    };
    for (condition, others) in [
        (
            r#""IpAddress":{"aws:SourceIp":"10.0.0.0/8"}"#,
            [
                other(&|call| call.source_ip = "192.0.2.1".into()),
                other(&|call| call.source_ip.clear()),
            ],
        ),
        (
            r#""StringEquals":{"aws:UserAgent":"gateway/1.0"}"#,
            [
                other(&|call| call.user_agent = "other".into()),
                other(&|call| call.user_agent.clear()),
            ],
        ),
        (
            r#""StringEquals":{"aws:RequestedRegion":"eu-central-1"}"#,
            [other(&|call| call.region = "us-east-1".into()), other(&|call| call.region.clear())],
        ),
        (
            r#""StringLike":{"aws:referer":"https://*"}"#,
            [other(&|call| call.referer = "x".into()), other(&|call| call.referer.clear())],
        ),
        (
            r#""Bool":{"aws:SecureTransport":"true"}"#,
            [other(&|call| call.secure_transport = false), v1::RequestContext::default()],
        ),
    ] {
        cell.allow("service", &policy_of(&[asking_if("Allow", condition)]));
        let now = Moment::of(&cell);
        for other in others {
            asking.at(Moment { context: request.clone(), ..now.clone() }, MAY);
            asking.at(Moment { context: other, ..now.clone() }, MAY_NOT);
        }
    }
}

/// 2026-01-02T03:04:05Z and later.
#[test]
fn the_time() {
    let (mut cell, mut asking) = with_service();
    let seconds = NOW_MS / 1000;
    for condition in [
        r#""DateGreaterThan":{"aws:CurrentTime":"2026-01-02T03:04:05Z"}"#,
        &format!(r#""NumericGreaterThan":{{"aws:EpochTime":"{seconds}"}}"#),
    ] {
        cell.allow("service", &policy_of(&[asking_if("Allow", condition)]));
        let now = Moment::of(&cell);
        for _ in 0..2 {
            asking.at(Moment { now_ms: NOW_MS + 1_000, ..now.clone() }, MAY);
            asking.at(Moment { now_ms: NOW_MS + 999, ..now.clone() }, MAY_NOT);
        }
    }
    // The clock of a front door may be behind that of the cell.
    cell.allow("service", &may_ask());
    let mut behind = Moment::of(&cell);
    behind.now_ms = 0;
    asking.at(behind, MAY);
}
