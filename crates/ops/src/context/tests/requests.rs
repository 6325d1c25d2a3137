//! What the front door and the clock know of a request, and what nobody but the cell may say.

use schema::iam::v1 as iam;

use super::{ACCOUNT, Has, Nothing, One, World, assume};

/// Keys of a request that was signed for eu-west-1, and what each is for AssumeRole and for GetUser.
const TABLE: [(&str, Has<'_>, Has<'_>); 9] = [
    ("aws:CurrentTime", One("2026-01-02T03:04:05Z"), One("2026-01-02T03:04:05Z")),
    ("aws:EpochTime", One("1767323045"), One("1767323045")),
    ("aws:SourceIp", One("2001:db8::7"), One("2001:db8::7")),
    ("aws:SecureTransport", One("false"), One("false")),
    ("aws:UserAgent", One("agent/1"), One("agent/1")),
    ("aws:referer", One("https://example.com/"), One("https://example.com/")),
    // IAM has no regions.
    ("aws:RequestedRegion", One("eu-west-1"), One("us-east-1")),
    ("aws:ViaAWSService", One("false"), One("false")),
    ("aws:ResourceAccount", One(ACCOUNT), One(ACCOUNT)),
];

#[test]
fn the_front_door_tells_what_it_saw() {
    let mut world = World::new();
    let get = iam::GetUserRequest { user_name: Some("bob".to_owned()) };
    let mut calls = [world.call(&world.user, &assume("worker")), world.call(&world.user, &get)];
    for call in &mut calls {
        call.context = model::v1::RequestContext {
            source_ip: "2001:db8::7".to_owned(),
            user_agent: "agent/1".to_owned(),
            secure_transport: false,
            region: "eu-west-1".to_owned(),
            referer: "https://example.com/".to_owned(),
        };
    }
    let [sts, iam] = calls;
    for (key, of_sts, of_iam) in TABLE {
        world.check(false, &sts, "sts:AssumeRole", key, of_sts);
        world.check(false, &iam, "iam:GetUser", key, of_iam);
    }
}

#[test]
fn headers_that_were_not_sent_are_no_keys() {
    let mut world = World::new();
    let mut call = world.call(&world.user, &assume("worker"));
    call.context.user_agent.clear();
    for key in ["aws:referer", "aws:UserAgent"] {
        world.check(false, &call, "sts:AssumeRole", key, Nothing);
    }
}
