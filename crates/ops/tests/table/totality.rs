//! Whatever bytes an entry or a call holds, every node answers the same, and none falls over.

use bytes::{BufMut, Bytes};
use model::v1::{self, caller, session};
use model::{State, id};
use ops::Call;
use proptest::prelude::*;
use prost::Message;
use prost::encoding::{self, WireType};
use schema::{Cardinality, FieldKind, Kind, OperationInfo, Shape};

use crate::cell::{ACCOUNT, Cell, OTHER, operator, policy, system, trust};
use crate::sample::World;

/// Texts that have a meaning somewhere, and such as have none: they meet where no front door has checked them.
fn text() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "",
        "/",
        "//",
        "*",
        "aws",
        "target",
        "TARGET",
        "team",
        "worker",
        "machine",
        "managed",
        "inline",
        "k",
        "v1",
        "v0",
        "v4294967295",
        "Active",
        "Inactive",
        "2012-10-17",
        "{",
        "\0",
        "é",
        "\u{20000}",
        "a/b",
        "arn",
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "arn:aws:iam::123456789012:policy/managed",
        "arn:aws:iam::123456789012:role/worker",
        "arn:aws:iam::123456789012:role/",
        "arn:aws:iam:::policy/",
        "arn:aws:iam::aws:policy//",
        "arn:aws:sts::123456789012:assumed-role/worker/s",
        "AKIAIOSFODNN7EXAMPLE",
        "User",
        "LocalManagedPolicy",
        "Local",
        "PermissionsPolicy",
        "PermissionsBoundary",
    ]);
    prop_oneof![
        6 => known.prop_map(str::to_owned),
        2 => prop::sample::select(vec![ACCOUNT, OTHER]).prop_map(str::to_owned),
        2 => prop::sample::select(vec![
            policy("Allow", &["*"]), policy("Deny", &["iam:Get*"]), trust(&[ACCOUNT]),
            trust(&["arn:aws:iam::123456789012:user/target"]),
        ]),
        1 => ".{0,40}",
        1 => (1_usize..400).prop_map(|times| "long".repeat(times)),
    ]
}

fn number() -> impl Strategy<Value = i64> {
    prop_oneof![-2_i64..5, Just(i64::MIN), Just(i64::MAX), Just(i64::from(i32::MAX)), any::<i64>()]
}

/// A request of the right form whose members hold anything.
fn request(shape: &Shape, depth: u32) -> BoxedStrategy<Vec<u8>> {
    let mut whole = Just(Vec::new()).boxed();
    for field in &shape.fields {
        let (tag, most) =
            (field.number, if field.cardinality == Cardinality::Single { 1 } else { 3 });
        let value = match (&field.member, field.kind) {
            (Some(member), _) if depth > 0 => {
                request(member, depth - 1).prop_map(move |bytes| delimited(tag, &bytes)).boxed()
            }
            (_, FieldKind::String | FieldKind::Bytes) => {
                text().prop_map(move |text| delimited(tag, text.as_bytes())).boxed()
            }
            (None, FieldKind::Timestamp) | (Some(_), _) => Just(delimited(tag, b"")).boxed(),
            (None, _) => number().prop_map(move |number| varint(tag, number)).boxed(),
        };
        let values = prop::collection::vec(value, 0..=most);
        whole = (whole, values)
            .prop_map(|(mut whole, values)| {
                whole.extend(values.concat());
                whole
            })
            .boxed();
    }
    whole
}

fn delimited(tag: u32, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    encoding::encode_key(tag, WireType::LengthDelimited, &mut out);
    encoding::encode_varint(bytes.len() as u64, &mut out);
    out.put_slice(bytes);
    out
}

fn varint(tag: u32, number: i64) -> Vec<u8> {
    let mut out = Vec::new();
    encoding::encode_key(tag, WireType::Varint, &mut out);
    encoding::encode_varint(number.cast_unsigned(), &mut out);
    out
}

fn implemented() -> Vec<&'static OperationInfo> {
    schema::all_operations().iter().filter(|operation| operation.kind != Kind::Planned).collect()
}

/// An operation's number, and bytes that are its request, or nearly, or not at all.
fn asked() -> impl Strategy<Value = (u32, Bytes)> {
    let formed = prop::sample::select(implemented()).prop_flat_map(|operation| {
        (Just(u32::from(operation.index)), request(&operation.request, 2))
    });
    let bent = (any::<prop::sample::Index>(), any::<u8>());
    prop_oneof![
        20 => (formed.clone(), Just(())).prop_map(|(asked, ())| asked),
        2 => (formed, bent).prop_map(|((operation, mut bytes), (at, to))| {
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = to;
            }
            (operation, bytes)
        }),
        1 => (any::<u32>(), prop::collection::vec(any::<u8>(), 0..60)),
    ]
    .prop_map(|(operation, bytes)| (operation, bytes.into()))
}

fn callers(cell: &Cell) -> Vec<v1::Caller> {
    let account = cell.state.account(ACCOUNT).expect("the account");
    let role = account.roles().named("worker").expect("the role");
    let user = account.users().named("target").expect("the user");
    let key = account.keys_of(&user.id).next().expect("the key");
    let session = |subject: session::Subject| {
        let access_key_id = id::session_key_id(ACCOUNT, 7);
        let session = v1::Session {
            account_id: ACCOUNT.to_owned(),
            access_key_id: access_key_id.clone(),
            expires_ms: u64::MAX,
            inline_policy: "{".to_owned(),
            policy_arns: vec![
                String::new(),
                "arn:aws:iam::aws:policy/AdministratorAccess".to_owned(),
            ],
            subject: Some(subject),
            ..Default::default()
        };
        v1::Caller { access_key_id, kind: Some(caller::Kind::Session(session)) }
    };
    vec![
        cell.root.clone(),
        operator(),
        system(),
        v1::Caller::default(),
        crate::cell::long_term(&key.id),
        session(session::Subject::Role(v1::RoleSession {
            role_id: role.id.clone(),
            session_name: "s".to_owned(),
            ..Default::default()
        })),
        session(session::Subject::User(v1::UserSession {
            owner_id: user.id.clone(),
            parent_key_id: key.id.clone(),
        })),
        session(session::Subject::Role(v1::RoleSession::default())),
    ]
}

/// One entry or call: what it asks, by whom (root, most often), when.
type Item = ((u32, Bytes), prop::sample::Index, bool, Option<u64>);

fn items() -> impl Strategy<Value = Vec<Item>> {
    let time =
        prop_oneof![4 => Just(None), 1 => any::<u64>().prop_map(Some), 1 => Just(Some(u64::MAX))];
    prop::collection::vec((asked(), any::<prop::sample::Index>(), any::<bool>(), time), 1..30)
}

fn perform(cell: &mut Cell, callers: &[v1::Caller], item: &Item) {
    let ((operation, request), caller, by_another, time_ms) = item;
    let caller = if *by_another { caller.get(callers) } else { &cell.root }.clone();
    let index = u16::try_from(*operation).unwrap_or(u16::MAX);
    let own = schema::operation_by_index(index).map(|operation| operation.service);
    // What only the operator or the cell may do is done by them, or it would never be reached.
    let caller = match own {
        Some(schema::Service::Admin) if !by_another => operator(),
        Some(schema::Service::Internal) if !by_another => system(),
        _ => caller,
    };
    let mut entry =
        v1::Entry { operation: *operation, ..cell.entry(&caller, index, request.clone()) };
    if let (Some(stamp), Some(time_ms)) = (&mut entry.stamp, time_ms) {
        stamp.time_ms = *time_ms;
    }
    let again = cell.state.clone();
    let applied = cell.apply(entry.clone());
    assert_eq!(cell.replica.digest(), cell.state.digest(), "a replica agrees with its voters");
    let twice = ops::apply(again, &entry, cell.state.revision());
    assert_eq!((twice.outcome, twice.state.digest()), (applied.outcome, applied.state.digest()));
    let call = Call { now_ms: time_ms.unwrap_or(0), ..cell.call(&caller, index, request.clone()) };
    let _ = (ops::read(&cell.state, &call).is_ok(), ops::mint(&cell.state, &call).is_ok());
    let _ = (
        ops::call::check_write(&cell.state, &call).is_ok(),
        ops::secret_owner(&cell.state, &call).is_ok(),
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_request_is_answered(items in items()) {
        let mut cell = Cell::new();
        World::new(&mut cell);
        let callers = callers(&cell);
        for item in &items {
            perform(&mut cell, &callers, item);
        }
        let restored = State::restore(cell.state.revision(), 0, cell.state.entities());
        assert_eq!(restored.expect("a snapshot fits").digest(), cell.state.digest());
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let state = Cell::new().state;
        let entry = v1::Entry::decode(bytes.as_slice()).unwrap_or_default();
        let applied = ops::apply(state.clone(), &entry, state.revision() + 1);
        prop_assert!(applied.outcome.is_err());
        prop_assert_eq!(applied.state.digest(), state.digest());
    }
}
