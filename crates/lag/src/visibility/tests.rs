//! What is visible when, under every plan and control.

use model::v1::{
    Account, Cell, Entity, EntityKey, ManagedPolicy, User, change, entity, entity_key,
};
use proptest::prelude::*;

use super::*;

const ACCOUNT: &str = "123456789012";

fn at(revision: u64) -> State {
    State::default().advanced(revision, revision)
}

fn fixed(delay_us: u64) -> Visibility {
    Visibility::new(Plan::fixed(delay_us))
}

fn visible_at(visibility: &mut Visibility, now_us: u64) -> u64 {
    visibility.advance(now_us, &mut Vec::new());
    visibility.visible().revision()
}

fn put(kind: entity::Kind) -> Change {
    Change { kind: Some(change::Kind::Put(Entity { kind: Some(kind) })) }
}

fn account() -> Change {
    put(entity::Kind::Account(Account { account_id: ACCOUNT.to_owned(), ..Default::default() }))
}

fn no_account() -> Change {
    let kind = entity_key::Kind::Account.into();
    let key = EntityKey { kind, account_id: ACCOUNT.to_owned(), name: ACCOUNT.to_owned() };
    Change { kind: Some(change::Kind::Delete(key)) }
}

fn user(path: &str) -> Change {
    put(entity::Kind::User(User {
        account_id: ACCOUNT.to_owned(),
        name: "ann".to_owned(),
        path: path.to_owned(),
        ..Default::default()
    }))
}

fn policy(path: &str) -> Change {
    put(entity::Kind::ManagedPolicy(ManagedPolicy {
        account_id: ACCOUNT.to_owned(),
        name: "p".to_owned(),
        path: path.to_owned(),
        ..Default::default()
    }))
}

fn receive(visibility: &mut Visibility, now_us: u64, changes: &[Change]) {
    let next = visibility.received() + 1;
    let state = visibility.newest().clone().changed(next, next, changes).unwrap();
    visibility.receive(now_us, state, Some(changes));
}

/// The path of the user and of the policy, as far as they are visible.
fn seen(visibility: &Visibility) -> (Option<String>, Option<String>) {
    let account = visibility.visible().account(ACCOUNT);
    let user = account.and_then(|a| a.users().named("ann")).map(|user| user.path.clone());
    (user, account.and_then(|a| a.policies().named("p")).map(|policy| policy.path.clone()))
}

fn paths(user: &str, policy: &str) -> (Option<String>, Option<String>) {
    let path = |path: &str| Some(path.to_owned()).filter(|path| !path.is_empty());
    (path(user), path(policy))
}

#[test]
fn without_a_plan_what_is_received_is_visible() {
    let mut visibility = fixed(0);
    visibility.receive(5, at(3), None);
    assert_eq!((visible_at(&mut visibility, 5), visibility.received()), (3, 3));
    assert_eq!((visibility.next_due_us(), visibility.by_class()), (None, None));
    assert!(Visibility::default().is_transparent());
}

#[test]
fn a_fixed_plan_delays_and_keeps_the_order() {
    let mut visibility = fixed(100);
    visibility.receive(0, at(1), None);
    receive(&mut visibility, 50, &[account()]);
    assert_eq!(visible_at(&mut visibility, 50), 0);
    assert_eq!(visibility.newest().revision(), 2);
    assert_eq!(visibility.next_due_us(), Some(100));
    assert_eq!(visible_at(&mut visibility, 100), 1);
    assert_eq!(visible_at(&mut visibility, 149), 1);
    let mut shown = Vec::new();
    assert!(visibility.advance(1_000, &mut shown));
    assert_eq!(shown, [Shown { delay_us: 950, time_ms: 2 }]);
    assert_eq!(visibility.visible().revision(), 2);
}

#[test]
fn a_shorter_delay_waits_for_the_longer_one_before_it_and_says_so() {
    let mut visibility = Visibility::new("trace:300us,100us,0s".parse().unwrap());
    visibility.receive(0, at(1), None);
    visibility.receive(10, at(2), None);
    assert_eq!(visible_at(&mut visibility, 299), 0);
    assert_eq!(visible_at(&mut visibility, 300), 2);
    visibility.receive(400, at(3), None);
    assert_eq!(visible_at(&mut visibility, 400), 3);
    let sample = |revision, drawn_us, delay_us, was_alone| Sample {
        revision,
        drawn_us,
        delay_us,
        was_alone,
    };
    let samples: Vec<Sample> = visibility.samples().copied().collect();
    assert_eq!(
        samples,
        [sample(1, 300, 300, true), sample(2, 100, 290, false), sample(3, 0, 0, true)]
    );
}

#[test]
fn a_delayed_view_tells_its_age() {
    let mut visibility = fixed(100);
    visibility.receive(0, at(1), None);
    visible_at(&mut visibility, 100);
    visibility.confirm(1, 110);
    visibility.receive(120, at(2), None);
    visibility.confirm(2, 130);
    assert_eq!(visibility.age_us(200), Some(90));
    visible_at(&mut visibility, 220);
    assert_eq!(visibility.age_us(230), Some(100));
}

#[test]
fn a_pause_holds_everything_while_the_age_grows() {
    let mut visibility = fixed(100);
    visibility.receive(0, at(1), None);
    visible_at(&mut visibility, 100);
    visibility.confirm(1, 100);
    visibility.pause();
    visibility.receive(200, at(2), None);
    visibility.confirm(2, 250);
    assert_eq!((visible_at(&mut visibility, 10_000), visibility.next_due_us()), (1, None));
    assert_eq!(visibility.age_us(10_000), Some(9_900));
    assert!(!visibility.is_transparent());
    visibility.resume();
    assert_eq!(visible_at(&mut visibility, 10_000), 2);
    assert_eq!(visibility.age_us(10_000), Some(9_750));
}

#[test]
fn steps_and_flushes_show_what_is_not_due_and_are_no_samples() {
    let mut visibility = fixed(1_000);
    visibility.pause();
    for _ in 1..=5 {
        receive(&mut visibility, 0, &[account()]);
    }
    let mut shown = Vec::new();
    assert!(visibility.step(10, 2, &mut shown));
    assert_eq!((visibility.visible().revision(), visibility.waiting(), shown.len()), (2, 3, 2));
    assert!(visibility.flush(20, &mut shown));
    assert_eq!((visibility.visible().revision(), visibility.waiting(), shown.len()), (5, 0, 5));
    assert!(!visibility.step(30, 1, &mut shown) && !visibility.flush(30, &mut shown));
    assert_eq!(visibility.samples().count(), 0);
    // What was flushed holds up nothing that comes after it.
    visibility.resume();
    visibility.set_plan(Plan::default());
    visibility.receive(40, at(6), None);
    assert_eq!(visible_at(&mut visibility, 40), 6);
}

#[test]
fn another_plan_is_for_what_comes_after_it() {
    let mut visibility = fixed(1_000);
    visibility.receive(0, at(1), None);
    visibility.set_plan(Plan::fixed(10));
    visibility.receive(500, at(2), None);
    assert_eq!(visible_at(&mut visibility, 999), 0);
    assert_eq!(visible_at(&mut visibility, 1_000), 2);
    visibility.receive(2_000, at(3), None);
    assert_eq!(visible_at(&mut visibility, 2_010), 3);
}

#[test]
fn forgetting_keeps_what_was_asked_for() {
    let mut visibility = fixed(1_000);
    visibility.pause();
    visibility.receive(0, at(1), None);
    visibility.forget();
    assert_eq!((visibility.received(), visibility.waiting()), (0, 0));
    assert!(visibility.is_paused() && *visibility.plan() == Plan::fixed(1_000));
}

fn by_class() -> Visibility {
    let mut visibility =
        Visibility::new("identity=fixed:100us;policy=fixed:300us".parse().unwrap());
    receive(&mut visibility, 0, &[account()]);
    visible_at(&mut visibility, 0);
    visibility
}

#[test]
fn classes_become_visible_each_in_its_time() {
    let mut visibility = by_class();
    receive(&mut visibility, 1_000, &[policy("/1/")]);
    receive(&mut visibility, 1_010, &[user("/1/")]);
    receive(&mut visibility, 1_020, &[user("/2/")]);
    for (now_us, revision, reaches, expected) in [
        (1_109, 1, 1, paths("", "")),
        (1_110, 1, 3, paths("/1/", "")),
        (1_120, 1, 4, paths("/2/", "")),
        (1_299, 1, 4, paths("/2/", "")),
        (1_300, 4, 4, paths("/2/", "/1/")),
    ] {
        assert_eq!(visible_at(&mut visibility, now_us), revision, "{now_us}");
        assert_eq!((visibility.by_class(), seen(&visibility)), (Some(reaches), expected));
    }
    assert_eq!(visibility.visible().digest(), visibility.newest().digest());
}

#[test]
fn what_is_ahead_stays_when_a_revision_before_it_is_complete() {
    let mut visibility = by_class();
    receive(&mut visibility, 1_000, &[policy("/1/")]);
    receive(&mut visibility, 1_200, &[policy("/2/")]);
    receive(&mut visibility, 1_200, &[user("/1/")]);
    assert_eq!(visible_at(&mut visibility, 1_300), 2);
    assert_eq!((seen(&visibility), visibility.by_class()), (paths("/1/", "/1/"), Some(4)));
    // A step completes the next revision, whatever of it was visible before.
    assert!(visibility.step(1_310, 1, &mut Vec::new()));
    assert_eq!((visibility.visible().revision(), seen(&visibility)), (4 - 1, paths("/1/", "/2/")));
}

#[test]
fn an_account_comes_before_what_it_holds_and_goes_after_it() {
    let plan = "account=fixed:500us;identity=fixed:100us;policy=fixed:900us";
    let mut visibility = Visibility::new(plan.parse().unwrap());
    receive(&mut visibility, 0, &[account()]);
    receive(&mut visibility, 10, &[policy("/1/")]);
    receive(&mut visibility, 20, &[user("/1/")]);
    receive(&mut visibility, 30, &[no_account()]);
    assert_eq!(visible_at(&mut visibility, 499), 0);
    assert!(visibility.visible().account(ACCOUNT).is_none());
    assert_eq!(visible_at(&mut visibility, 500), 1);
    assert_eq!(seen(&visibility), paths("/1/", ""));
    assert_eq!(visible_at(&mut visibility, 909), 1);
    assert!(visibility.visible().account(ACCOUNT).is_some());
    assert_eq!(visible_at(&mut visibility, 910), 4);
    assert!(visibility.visible().account(ACCOUNT).is_none());
}

#[test]
fn terms_of_the_cell_come_after_all_that_was_before_them() {
    let mut visibility = by_class();
    receive(&mut visibility, 1_000, &[policy("/1/")]);
    let cell = Cell { max_staleness_ms: 9_000, ..Default::default() };
    receive(&mut visibility, 1_000, &[put(entity::Kind::Cell(cell))]);
    assert_eq!(visible_at(&mut visibility, 1_299), 1);
    assert!(
        visibility.visible().cell().is_none(),
        "a view without the policy decides on the old terms"
    );
    assert_eq!(visible_at(&mut visibility, 1_300), 3);
    assert!(visibility.visible().cell().is_some());
}

#[test]
fn plans_follow_each_other_without_passing_by() {
    let mut visibility = by_class();
    receive(&mut visibility, 1_000, &[policy("/1/")]);
    visibility.set_plan(Plan::fixed(50));
    receive(&mut visibility, 1_000, &[user("/1/")]);
    visibility.set_plan("policy=fixed:10us".parse().unwrap());
    receive(&mut visibility, 1_000, &[user("/2/")]);
    assert_eq!(visible_at(&mut visibility, 1_299), 1);
    assert_eq!(seen(&visibility), paths("", ""));
    assert_eq!(visible_at(&mut visibility, 1_300), 4);
    assert_eq!(seen(&visibility), paths("/2/", "/1/"));
}

#[derive(Clone, Debug)]
enum Deed {
    Receive(Vec<u8>),
    Wait(u64),
    Plan(&'static str),
    Pause(bool),
    Step(u64),
    Flush,
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        6 => prop::collection::vec(0..5_u8, 0..3).prop_map(Deed::Receive),
        6 => (0..400_u64).prop_map(Deed::Wait),
        1 => prop::sample::select(vec![
            "none", "uniform:min=0s,max=500us", "account=fixed:90us;policy=exponential:mean=300us",
            "identity=uniform:min=0s,max=400us;policy=fixed:100us",
        ]).prop_map(Deed::Plan),
        1 => any::<bool>().prop_map(Deed::Pause),
        1 => (0..3_u64).prop_map(Deed::Step),
        1 => Just(Deed::Flush),
    ]
}

proptest! {
    /// Whatever is done, revisions and the versions of every entity only grow, everything up to the visible revision
    /// is there, and in the end everything is.
    #[test]
    fn nothing_is_lost_or_out_of_order(deeds in prop::collection::vec(deed(), 1..60)) {
        let mut visibility = Visibility::default();
        let (mut now_us, mut history) = (0, vec![State::default()]);
        let (mut before, mut exists) = ((0, 0, 0), false);
        for deed in deeds {
            match deed {
                Deed::Receive(what) => {
                    let version = format!("/{:09}/", history.len());
                    let mut changes = Vec::new();
                    for what in what {
                        match what {
                            0 if exists => changes.push(no_account()),
                            0 | 1 => changes.push(account()),
                            2 | 3 if exists => changes.push(user(&version)),
                            _ if exists => changes.push(policy(&version)),
                            _ => continue,
                        }
                        exists = what != 0 || !exists;
                    }
                    receive(&mut visibility, now_us, &changes);
                    history.push(visibility.newest().clone());
                }
                Deed::Wait(time_us) => now_us += time_us,
                Deed::Plan(plan) => visibility.set_plan(plan.parse().unwrap()),
                Deed::Pause(true) => visibility.pause(),
                Deed::Pause(false) => visibility.resume(),
                Deed::Step(revisions) => { visibility.step(now_us, revisions, &mut Vec::new()); }
                Deed::Flush => { visibility.flush(now_us, &mut Vec::new()); }
            }
            visible_at(&mut visibility, now_us);
            let visible = visibility.visible();
            let complete = &history[usize::try_from(visible.revision()).unwrap()];
            let number = |path: Option<String>| {
                path.map_or(0, |path| path.trim_matches('/').parse::<u64>().unwrap())
            };
            let (user, policy) = seen(&visibility);
            let now = (visible.revision(), number(user), number(policy));
            if visibility.by_class().is_none() {
                prop_assert_eq!(visible.digest(), complete.digest());
            }
            // An account that went took its entities with it.
            if visible.account(ACCOUNT).is_some() && now.1 > 0 && now.2 > 0 {
                prop_assert!(now.0 >= before.0 && now.1 >= before.1 && now.2 >= before.2);
            }
            before = now;
        }
        visibility.flush(now_us, &mut Vec::new());
        prop_assert_eq!(visibility.visible().digest(), history.last().unwrap().digest());
        prop_assert_eq!(visibility.visible().revision(), history.len() as u64 - 1);
    }
}
