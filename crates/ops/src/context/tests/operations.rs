//! What operations know of their requests and of the entities these are about.

use schema::iam::v1 as iam;
use schema::sts::v1::{AssumeRoleRequest, Tag};

use super::{ACCOUNT, Has, Many, Nothing, One, World, assume, policy, tag, trusting};
use crate::Operation;
use crate::table::Indexed;

impl World {
    /// Checks keys of one action of a request that the user makes.
    #[track_caller]
    fn keys<O: Operation + Indexed>(
        &mut self,
        request: &O,
        action: &str,
        keys: &[(&str, Has<'_>)],
    ) {
        let call = self.call(&self.user, request);
        for (key, has) in keys {
            self.check(false, &call, action, key, *has);
        }
    }
}

const OTHER: &str = "222222222222";

fn name(name: &str) -> String {
    name.to_owned()
}

#[test]
fn what_is_made_has_the_tags_and_the_boundary_of_the_request() {
    let mut world = World::new();
    let limit = policy("limit");
    let asked = [
        ("aws:RequestTag/team", One("blue")),
        ("aws:RequestTag/Other", Nothing),
        ("aws:TagKeys", Many(&["Team", "Stage"])),
        ("aws:ResourceTag/Team", Nothing),
        ("iam:ResourceTag/Team", Nothing),
    ];
    let bounded = [("iam:PermissionsBoundary", One(limit.as_str()))];
    let unbounded = [("iam:PermissionsBoundary", Nothing)];
    let bare = [
        ("aws:RequestTag/Team", Nothing),
        ("aws:TagKeys", Nothing),
        ("iam:PermissionsBoundary", Nothing),
        ("iam:PolicyARN", Nothing),
    ];
    let user = iam::CreateUserRequest {
        user_name: name("new"),
        tags: vec![tag("Team", "blue"), tag("Stage", "test")],
        permissions_boundary: Some(limit.clone()),
        ..Default::default()
    };
    world.keys(&user, "iam:CreateUser", &asked);
    world.keys(&user, "iam:CreateUser", &bounded);
    world.keys(&user, "iam:TagUser", &asked);
    world.keys(&user, "iam:TagUser", &unbounded);
    let user = iam::CreateUserRequest { tags: vec![], permissions_boundary: None, ..user };
    world.keys(&user, "iam:CreateUser", &bare);
    let role = iam::CreateRoleRequest {
        role_name: name("new"),
        assume_role_policy_document: trusting(ACCOUNT),
        tags: vec![tag("Team", "blue"), tag("Stage", "test")],
        permissions_boundary: Some(limit.clone()),
        ..Default::default()
    };
    world.keys(&role, "iam:CreateRole", &asked);
    world.keys(&role, "iam:CreateRole", &bounded);
    world.keys(&role, "iam:TagRole", &asked);
    world.keys(&role, "iam:TagRole", &unbounded);
    let role = iam::CreateRoleRequest { tags: vec![], permissions_boundary: None, ..role };
    world.keys(&role, "iam:CreateRole", &bare);
    let made = iam::CreatePolicyRequest {
        policy_name: name("new"),
        policy_document: trusting(ACCOUNT),
        tags: vec![tag("Team", "blue"), tag("Stage", "test")],
        ..Default::default()
    };
    world.keys(&made, "iam:CreatePolicy", &asked);
    world.keys(&made, "iam:TagPolicy", &asked);
    let made = iam::CreateInstanceProfileRequest {
        instance_profile_name: name("new"),
        tags: vec![tag("Team", "blue"), tag("Stage", "test")],
        ..Default::default()
    };
    world.keys(&made, "iam:CreateInstanceProfile", &asked);
    world.keys(&made, "iam:TagInstanceProfile", &asked);
}

/// The tags of a target are conditions of whatever is done with it.
fn of(team: &str) -> [(&'static str, Has<'_>); 2] {
    [("aws:ResourceTag/team", One(team)), ("iam:ResourceTag/team", One(team))]
}

const UNTAGGED: [(&str, Has<'_>); 2] =
    [("aws:ResourceTag/Team", Nothing), ("iam:ResourceTag/Team", Nothing)];

#[test]
fn a_target_has_its_tags() {
    let mut world = World::new();
    let key = iam::CreateAccessKeyRequest { user_name: Some(name("bob")) };
    world.keys(&key, "iam:CreateAccessKey", &of("bob"));
    let access_key_id = world.cell.write(key).unwrap().access_key.unwrap().access_key_id;
    let used = iam::GetAccessKeyLastUsedRequest { access_key_id };
    world.keys(&used, "iam:GetAccessKeyLastUsed", &of("bob"));
    let get = iam::GetUserRequest { user_name: Some(name("bob")) };
    world.keys(&get, "iam:GetUser", &of("bob"));
    world.keys(&iam::GetUserRequest { user_name: None }, "iam:GetUser", &of("alice"));
    let rename = iam::UpdateUserRequest {
        user_name: name("bob"),
        new_user_name: Some(name("rob")),
        ..Default::default()
    };
    world.keys(&rename, "iam:UpdateUser", &of("bob"));
    world.keys(&iam::GetRoleRequest { role_name: name("worker") }, "iam:GetRole", &of("work"));
    let get = iam::GetPolicyRequest { policy_arn: policy("limit") };
    world.keys(&get, "iam:GetPolicy", &of("law"));
    let get = iam::GetInstanceProfileRequest { instance_profile_name: name("machine") };
    world.keys(&get, "iam:GetInstanceProfile", &of("ops"));
    let get = iam::GetGroupRequest { group_name: name("g"), ..Default::default() };
    world.keys(&get, "iam:GetGroup", &UNTAGGED);
    world.keys(&iam::ListUsersRequest::default(), "iam:ListUsers", &UNTAGGED);
    let get = iam::GetUserRequest { user_name: Some(name("nobody")) };
    world.keys(&get, "iam:GetUser", &UNTAGGED);
}

#[test]
fn tagging_knows_old_tags_and_new_ones() {
    let mut world = World::new();
    let tags = vec![tag("Team", "new")];
    let add = [("aws:RequestTag/Team", One("new")), ("aws:TagKeys", Many(&["Team"]))];
    let take = [("aws:RequestTag/Team", Nothing), ("aws:TagKeys", Many(&["Team", "X"]))];
    let tag_keys = vec![name("Team"), name("X")];
    let (user_name, role_name) = (name("bob"), name("worker"));
    let request = iam::TagUserRequest { user_name: user_name.clone(), tags: tags.clone() };
    world.keys(&request, "iam:TagUser", &add);
    world.keys(&request, "iam:TagUser", &of("bob"));
    let request = iam::UntagUserRequest { user_name, tag_keys: tag_keys.clone() };
    world.keys(&request, "iam:UntagUser", &take);
    world.keys(&request, "iam:UntagUser", &of("bob"));
    let request = iam::TagRoleRequest { role_name: role_name.clone(), tags: tags.clone() };
    world.keys(&request, "iam:TagRole", &add);
    let request = iam::UntagRoleRequest { role_name, tag_keys: tag_keys.clone() };
    world.keys(&request, "iam:UntagRole", &take);
    let request = iam::TagPolicyRequest { policy_arn: policy("limit"), tags: tags.clone() };
    world.keys(&request, "iam:TagPolicy", &add);
    let request =
        iam::UntagPolicyRequest { policy_arn: policy("limit"), tag_keys: tag_keys.clone() };
    world.keys(&request, "iam:UntagPolicy", &take);
    let instance_profile_name = name("machine");
    let request = iam::TagInstanceProfileRequest {
        instance_profile_name: instance_profile_name.clone(),
        tags,
    };
    world.keys(&request, "iam:TagInstanceProfile", &add);
    let request = iam::UntagInstanceProfileRequest { instance_profile_name, tag_keys };
    world.keys(&request, "iam:UntagInstanceProfile", &take);
    // What carries no tags in its request has no such key.
    let get = iam::GetUserRequest { user_name: Some(name("bob")) };
    world.keys(&get, "iam:GetUser", &[("aws:TagKeys", Nothing), ("aws:RequestTag/Team", Nothing)]);
}

macro_rules! attaching {
    ($world:ident, $request:ident, $field:ident, $who:literal, $action:literal, $keys:expr) => {
        let policy_arn = policy("wide");
        let request = iam::$request { $field: name($who), policy_arn };
        $world.keys(&request, $action, &$keys);
    };
}

#[test]
fn attaching_names_the_policy_and_the_targets_boundary() {
    let mut world = World::new();
    let (wide, limit) = (policy("wide"), policy("limit"));
    let bounded = [("iam:PolicyARN", One(&wide)), ("iam:PermissionsBoundary", One(&limit))];
    let free = [("iam:PolicyARN", One(&wide)), ("iam:PermissionsBoundary", Nothing)];
    attaching!(world, AttachUserPolicyRequest, user_name, "bob", "iam:AttachUserPolicy", bounded);
    attaching!(world, DetachUserPolicyRequest, user_name, "bob", "iam:DetachUserPolicy", bounded);
    attaching!(world, AttachUserPolicyRequest, user_name, "alice", "iam:AttachUserPolicy", free);
    attaching!(
        world,
        AttachRolePolicyRequest,
        role_name,
        "bounded",
        "iam:AttachRolePolicy",
        bounded
    );
    attaching!(
        world,
        DetachRolePolicyRequest,
        role_name,
        "bounded",
        "iam:DetachRolePolicy",
        bounded
    );
    attaching!(world, DetachRolePolicyRequest, role_name, "worker", "iam:DetachRolePolicy", free);
    attaching!(world, AttachGroupPolicyRequest, group_name, "g", "iam:AttachGroupPolicy", free);
    attaching!(world, DetachGroupPolicyRequest, group_name, "g", "iam:DetachGroupPolicy", free);
}

#[test]
fn the_boundary_is_a_key_where_rights_change_and_nowhere_else() {
    let mut world = World::new();
    let (wide, limit) = (policy("wide"), policy("limit"));
    let key = "iam:PermissionsBoundary";
    let has = [(key, One(limit.as_str())), ("iam:PolicyARN", Nothing)];
    let hasnt = [(key, Nothing), ("iam:PolicyARN", Nothing)];
    let (user_name, role_name, policy_name) = (name("bob"), name("bounded"), name("p"));
    let put = iam::PutUserPolicyRequest {
        user_name: user_name.clone(),
        policy_name: policy_name.clone(),
        policy_document: trusting(ACCOUNT),
    };
    world.keys(&put, "iam:PutUserPolicy", &has);
    let delete = iam::DeleteUserPolicyRequest {
        user_name: user_name.clone(),
        policy_name: policy_name.clone(),
    };
    world.keys(&delete, "iam:DeleteUserPolicy", &has);
    let put = iam::PutRolePolicyRequest {
        role_name: role_name.clone(),
        policy_name: policy_name.clone(),
        policy_document: trusting(ACCOUNT),
    };
    world.keys(&put, "iam:PutRolePolicy", &has);
    let delete = iam::DeleteRolePolicyRequest { role_name: role_name.clone(), policy_name };
    world.keys(&delete, "iam:DeleteRolePolicy", &has);
    let delete = iam::DeleteUserPermissionsBoundaryRequest { user_name: user_name.clone() };
    world.keys(&delete, "iam:DeleteUserPermissionsBoundary", &has);
    let delete = iam::DeleteRolePermissionsBoundaryRequest { role_name: role_name.clone() };
    world.keys(&delete, "iam:DeleteRolePermissionsBoundary", &has);
    let put = iam::PutUserPermissionsBoundaryRequest {
        user_name: user_name.clone(),
        permissions_boundary: wide.clone(),
    };
    world.keys(&put, "iam:PutUserPermissionsBoundary", &[(key, One(&wide))]);
    let put = iam::PutRolePermissionsBoundaryRequest {
        role_name: role_name.clone(),
        permissions_boundary: wide.clone(),
    };
    world.keys(&put, "iam:PutRolePermissionsBoundary", &[(key, One(&wide))]);
    let get = iam::GetUserRequest { user_name: Some(user_name.clone()) };
    world.keys(&get, "iam:GetUser", &hasnt);
    world.keys(&iam::DeleteUserRequest { user_name }, "iam:DeleteUser", &hasnt);
    world.keys(&iam::GetRoleRequest { role_name: role_name.clone() }, "iam:GetRole", &hasnt);
    let update =
        iam::UpdateAssumeRolePolicyRequest { role_name, policy_document: trusting(ACCOUNT) };
    world.keys(&update, "iam:UpdateAssumeRolePolicy", &hasnt);
}

#[test]
fn passing_a_role_names_the_service_and_not_the_roles_tags() {
    let mut world = World::new();
    let add = iam::AddRoleToInstanceProfileRequest {
        instance_profile_name: name("machine"),
        role_name: name("bounded"),
    };
    let pass = [
        ("iam:PassedToService", One("ec2.amazonaws.com")),
        ("iam:AssociatedResourceArn", Nothing),
        ("iam:PermissionsBoundary", Nothing),
    ];
    world.keys(&add, "iam:PassRole", &pass);
    world.keys(&add, "iam:PassRole", &UNTAGGED);
    world.keys(&add, "iam:AddRoleToInstanceProfile", &[("iam:PassedToService", Nothing)]);
    world.keys(&add, "iam:AddRoleToInstanceProfile", &of("ops"));
}

#[test]
fn assuming_a_role_has_what_the_call_gives() {
    let mut world = World::new();
    let session_tag = |key: &str| Tag { key: name(key), value: name("blue") };
    let full = AssumeRoleRequest {
        external_id: Some(name("secret")),
        source_identity: Some(name("ann")),
        duration_seconds: Some(900),
        tags: vec![session_tag("Cost"), session_tag("Stage")],
        transitive_tag_keys: vec![name("Cost")],
        ..assume("worker")
    };
    for action in ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"] {
        let given = [
            ("sts:RoleSessionName", One("work")),
            ("sts:ExternalId", One("secret")),
            ("sts:SourceIdentity", One("ann")),
            ("sts:DurationSeconds", One("900")),
            ("sts:TransitiveTagKeys", Many(&["Cost"])),
            ("aws:RequestTag/Cost", One("blue")),
            ("aws:TagKeys", Many(&["Cost", "Stage"])),
            // The session that is asked for is not yet the one that asks.
            ("aws:SourceIdentity", Nothing),
        ];
        world.keys(&full, action, &given);
        world.keys(&full, action, &of("work"));
    }
    let bare = [
        ("sts:RoleSessionName", One("work")),
        ("sts:ExternalId", Nothing),
        ("sts:SourceIdentity", Nothing),
        ("sts:DurationSeconds", Nothing),
        ("sts:TransitiveTagKeys", Nothing),
        ("sts:AWSServiceName", Nothing),
        ("aws:RequestTag/Cost", Nothing),
        ("aws:TagKeys", Nothing),
    ];
    world.keys(&assume("worker"), "sts:AssumeRole", &bare);
}

#[test]
fn another_accounts_role_is_that_accounts() {
    let mut world = World::new();
    let stranger = world.cell.account(OTHER, "other@example.com");
    let create = iam::CreateRoleRequest {
        role_name: name("guest"),
        assume_role_policy_document: trusting(ACCOUNT),
        ..Default::default()
    };
    let role_arn = world.cell.write_as(&stranger, create).unwrap().role.unwrap().arn;
    let request = AssumeRoleRequest { role_arn, ..assume("guest") };
    world.keys(&request, "sts:AssumeRole", &[("aws:ResourceAccount", One(OTHER))]);
    world.keys(&assume("worker"), "sts:AssumeRole", &[("aws:ResourceAccount", One(ACCOUNT))]);
}
