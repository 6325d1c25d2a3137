//! A cell's life that uses every writing operation, as lines that read like requests of the AWS Query protocol.

use model::v1;
use ops::Applied;
use schema::sts::v1::AssumeRoleRequest;

use crate::cell::{ACCOUNT, Cell, OTHER, policy, system, trust};

/// The named values that lines may hold in braces.
pub type Names = Vec<(&'static str, String)>;

/// Lives the whole life.
pub fn live() -> Cell {
    let mut cell = Cell::new();
    let root = cell.root.clone();
    let session = format!("arn:aws:sts::{ACCOUNT}:assumed-role/Worker/day");
    let user = format!("arn:aws:iam::{ACCOUNT}:user/team/Alice");
    let mut names: Names = vec![
        ("account", ACCOUNT.to_owned()),
        ("managed", format!("arn:aws:iam::{ACCOUNT}:policy/team/Storage")),
        ("aws", "arn:aws:iam::aws:policy".to_owned()),
        ("read", policy("Allow", &["iam:Get*", "iam:List*"])),
        ("write", policy("Allow", &["iam:*", "sts:*"])),
        ("trust-alice", trust(&[&user])),
        ("trust-worker", trust(&[&format!("arn:aws:iam::{ACCOUNT}:role/work/Worker")])),
        ("trust-both", trust(&[&session, &user])),
        ("trust-other", trust(&[&format!("arn:aws:iam::{OTHER}:root")])),
    ];
    for line in BUILDING {
        run(&mut cell, &root, line, &names);
    }
    let alice = key_of(&cell, "Alice");
    names.push(("alice-key", alice.access_key_id.clone()));
    for line in ALICE {
        run(&mut cell, &alice, line, &names);
    }
    let worker = cell.mint(
        &alice,
        AssumeRoleRequest {
            role_arn: format!("arn:aws:iam::{ACCOUNT}:role/work/Worker"),
            role_session_name: "day".to_owned(),
            ..Default::default()
        },
    );
    for line in WORKER {
        run(&mut cell, &worker, line, &names);
    }
    use_and_operate(&mut cell, &alice);
    for line in REFUSED {
        let applied = run(&mut cell, &alice, line, &names);
        assert!(applied.outcome.is_err(), "{line}");
    }
    for line in DEMOLISHING {
        run(&mut cell, &root, line, &names);
    }
    cell
}

/// Runs a line: `Action` and its parameters, parted by blanks, names in braces replaced.
pub fn run(cell: &mut Cell, caller: &v1::Caller, line: &str, names: &Names) -> Applied {
    let (action, parameters) = line.split_once(' ').unwrap_or((line, ""));
    let mut form = parameters.replace(' ', "&");
    for (name, value) in names {
        form = form.replace(&format!("{{{name}}}"), value);
    }
    let named = |operation: &&schema::OperationInfo| operation.name == action;
    let operation = schema::all_operations().iter().find(named).expect("an operation");
    let form = wire::parse_form(form.as_bytes(), &wire::Limits::default()).expect("a form");
    let request = wire::decode(operation, &form);
    let request = request.unwrap_or_else(|fault| panic!("{line}: {fault:?}")).into();
    cell.apply(cell.entry(caller, operation.index, request))
}

fn key_of(cell: &Cell, user_name: &str) -> v1::Caller {
    let account = cell.state.account(ACCOUNT).expect("the account");
    let user = account.users().named(user_name).expect("the user");
    let key = account.keys_of(&user.id).next().expect("a key");
    crate::cell::long_term(&key.id)
}

/// What the cell and its operator do.
fn use_and_operate(cell: &mut Cell, alice: &v1::Caller) {
    let time_ms = cell.state.time_ms();
    let used = |id: &str, account_id: &str| schema::internal::v1::Use {
        id: id.to_owned(),
        account_id: account_id.to_owned(),
        time_ms,
        region: "eu-central-1".to_owned(),
        service: "sts".to_owned(),
    };
    let account = cell.state.account(ACCOUNT).expect("the account");
    let role_id = account.roles().named("worker").expect("the role").id.clone();
    let uses = vec![used(&alice.access_key_id, ACCOUNT), used(&role_id, ACCOUNT), used("x", "y")];
    cell.write(&system(), schema::internal::v1::RecordUseRequest { uses });
    let operator = crate::cell::operator();
    for document in [policy("Allow", &["s3:Get*"]), policy("Allow", &["s3:*"])] {
        let policy_name = "CompanyStorage".to_owned();
        cell.write(
            &operator,
            schema::admin::v1::PutNamedPolicyRequest {
                policy_name,
                path: Some("/company/".to_owned()),
                description: Some("Storage, company-wide.".to_owned()),
                policy_document: document,
            },
        );
    }
    let (account_id, ack) = (ACCOUNT.to_owned(), Some("zone=b".to_owned()));
    cell.write(&operator, schema::admin::v1::UpdateAccountRequest { account_id, ack });
    let (max_staleness_ms, clock_drift_ppm) = (Some(2_000), None);
    let shorter = schema::internal::v1::ChangeTermsRequest { max_staleness_ms, clock_drift_ppm };
    cell.write(&system(), shorter);
    let revision = cell.state.cell().expect("the cell").terms_revision;
    cell.write(&system(), schema::internal::v1::SettleTermsRequest { revision });
    let other = cell.account(OTHER);
    cell.user(&other, "guest", &[&policy("Allow", &["*"])]);
    let email = "drawn@example.com".to_owned();
    let request = schema::admin::v1::CreateAccountRequest { email, ..Default::default() };
    let drawn = cell.write(&operator, request).account.expect("the account is told");
    for account_id in [drawn.account_id, OTHER.to_owned()] {
        let delete = schema::admin::v1::DeleteAccountRequest { account_id };
        cell.write(&operator, delete);
    }
}

/// What root builds.
const BUILDING: &[&str] = &[
    "CreateAccountAlias AccountAlias=example-corp",
    "CreateUser UserName=alice Path=/team/ Tags.member.1.Key=team Tags.member.1.Value=red",
    "UpdateUser UserName=ALICE NewUserName=Alice",
    "TagUser UserName=Alice Tags.member.1.Key=Team Tags.member.1.Value=blue \
     Tags.member.2.Key=größe Tags.member.2.Value=1",
    "UntagUser UserName=Alice TagKeys.member.1=GRÖSSE TagKeys.member.2=größe",
    "CreateAccessKey UserName=Alice",
    "PutUserPolicy UserName=Alice PolicyName=write PolicyDocument={write}",
    "CreatePolicy PolicyName=Storage Path=/team/ Description=storage PolicyDocument={read} \
     Tags.member.1.Key=a Tags.member.1.Value=b",
    "TagPolicy PolicyArn={managed} Tags.member.1.Key=A Tags.member.1.Value=c",
    "UntagPolicy PolicyArn={managed} TagKeys.member.1=a",
    "CreatePolicyVersion PolicyArn={managed} PolicyDocument={write} SetAsDefault=true",
    "CreatePolicyVersion PolicyArn={managed} PolicyDocument={read}",
    "SetDefaultPolicyVersion PolicyArn={managed} VersionId=v3",
    "DeletePolicyVersion PolicyArn={managed} VersionId=v2",
    "AttachUserPolicy UserName=alice PolicyArn={managed}",
    "AttachUserPolicy UserName=alice PolicyArn={aws}/IAMReadOnlyAccess",
    "PutUserPolicy UserName=Alice PolicyName=before PolicyDocument={read}",
    "PutUserPermissionsBoundary UserName=alice PermissionsBoundary={aws}/AdministratorAccess",
    "CreateGroup GroupName=admins",
    "UpdateGroup GroupName=admins NewGroupName=Admins NewPath=/ops/",
    "AddUserToGroup GroupName=Admins UserName=Alice",
    "CreateGroup GroupName=All Path=/ops/",
    "AddUserToGroup GroupName=All UserName=Alice",
    "PutGroupPolicy GroupName=Admins PolicyName=read PolicyDocument={read}",
    "AttachGroupPolicy GroupName=Admins PolicyArn={aws}/ReadOnlyAccess",
    "CreateRole RoleName=Worker Path=/work/ AssumeRolePolicyDocument={trust-alice} MaxSessionDuration=7200",
    "PutRolePolicy RoleName=Worker PolicyName=write PolicyDocument={write}",
    "AttachRolePolicy RoleName=Worker PolicyArn={managed}",
    "CreateRole RoleName=Shared AssumeRolePolicyDocument={trust-both}",
];

/// What a user does with its own key.
const ALICE: &[&str] = &[
    "CreateRole RoleName=helper AssumeRolePolicyDocument={trust-worker} Description=helps",
    "UpdateAssumeRolePolicy RoleName=helper PolicyDocument={trust-other}",
    "UpdateAssumeRolePolicy RoleName=helper PolicyDocument={trust-alice}",
    "UpdateRole RoleName=helper MaxSessionDuration=43200",
    "UpdateRoleDescription RoleName=helper Description=words",
    "TagRole RoleName=helper Tags.member.1.Key=k Tags.member.1.Value=v",
    "UntagRole RoleName=helper TagKeys.member.1=K",
    "PutRolePermissionsBoundary RoleName=helper PermissionsBoundary={managed}",
    "CreateInstanceProfile InstanceProfileName=Machine Path=/m/ Tags.member.1.Key=k Tags.member.1.Value=v",
    "TagInstanceProfile InstanceProfileName=machine Tags.member.1.Key=l Tags.member.1.Value=w",
    "UntagInstanceProfile InstanceProfileName=machine TagKeys.member.1=k",
    "AddRoleToInstanceProfile InstanceProfileName=Machine RoleName=helper",
    "CreateAccessKey",
    "UpdateAccessKey AccessKeyId={alice-key} Status=Active",
];

/// What a role's session does.
const WORKER: &[&str] = &[
    "CreateUser UserName=bob PermissionsBoundary={managed}",
    "AddUserToGroup GroupName=admins UserName=bob",
    "RemoveUserFromGroup GroupName=admins UserName=bob",
    "DeleteUserPermissionsBoundary UserName=bob",
    "UpdateUser UserName=bob NewUserName=Robert NewPath=/team/",
];

/// What is answered by a fault, and so changes nothing.
const REFUSED: &[&str] = &[
    "CreateUser UserName=ROBERT",
    "DeleteUser UserName=Alice",
    "DeleteGroup GroupName=Admins",
    "DeletePolicy PolicyArn={managed}",
    "DeletePolicy PolicyArn={aws}/ReadOnlyAccess",
    "DeleteRole RoleName=nobody",
    "PutUserPolicy UserName=Robert PolicyName=p PolicyDocument={trust-alice}",
    "CreateRole RoleName=trusting AssumeRolePolicyDocument={read}",
];

/// What root takes down; some things stay.
const DEMOLISHING: &[&str] = &[
    "DeleteUser UserName=robert",
    "RemoveRoleFromInstanceProfile InstanceProfileName=machine RoleName=HELPER",
    "DeleteInstanceProfile InstanceProfileName=machine",
    "DeleteRolePermissionsBoundary RoleName=helper",
    "DeleteRole RoleName=helper",
    "DetachRolePolicy RoleName=worker PolicyArn={managed}",
    "DeleteRolePolicy RoleName=worker PolicyName=write",
    "DetachGroupPolicy GroupName=admins PolicyArn={aws}/ReadOnlyAccess",
    "DeleteGroupPolicy GroupName=admins PolicyName=read",
    "RemoveUserFromGroup GroupName=admins UserName=alice",
    "DeleteGroup GroupName=admins",
    "DetachUserPolicy UserName=alice PolicyArn={managed}",
    "DeleteUserPolicy UserName=alice PolicyName=write",
    "DeleteUserPermissionsBoundary UserName=alice",
    "DeletePolicyVersion PolicyArn={managed} VersionId=v1",
    "UpdateAccessKey UserName=alice AccessKeyId={alice-key} Status=Inactive",
    "DeleteAccessKey UserName=alice AccessKeyId={alice-key}",
    "UpdateUser UserName=alice NewUserName=Alicia NewPath=/left/",
    "CreatePolicy PolicyName=Spare PolicyDocument={read}",
    "DeletePolicy PolicyArn=arn:aws:iam::{account}:policy/Spare",
    "DeleteAccountAlias AccountAlias=example-corp",
];
