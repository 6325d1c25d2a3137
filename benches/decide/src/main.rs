//! From the bytes of a `Decide` message to the decision, and to the bytes of the answer:
//! `cargo run --release -- FOLDER [WORKLOAD]`.

mod cell;
#[expect(dead_code, reason = "the decisions expected are those of somebody who has shown MFA")]
#[path = "../../engines/src/workload.rs"]
mod workload;

use std::hint::black_box;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use model::{State, v1};
use ops::authz::asked::{Named, long_term};
use ops::authz::{Asked, Asker, Power, Subject, Subjects, Who};
use prost::Message;
use schema::authz::v1::DecideResponse;
use workload::Workload;

/// As the product has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const NOW_MS: u64 = 1_795_435_200_000;

fn main() -> Result<(), String> {
    let mut arguments = std::env::args().skip(1);
    let folder =
        PathBuf::from(arguments.next().unwrap_or_else(|| "../engines/workloads".to_owned()));
    let only = arguments.next();
    for (name, rounds) in [("small", 20), ("medium", 10), ("large", 4)] {
        if only.as_deref().is_none_or(|only| only == name) {
            let workload = Workload::read(&folder, name)?;
            measure(name, rounds, &cell::state(&workload), &cell::messages(&workload));
        }
    }
    Ok(())
}

fn measure(name: &str, rounds: usize, state: &State, messages: &[Vec<u8>]) {
    let bytes = messages.iter().map(Vec::len).sum::<usize>() / messages.len();
    println!("{name}: {} messages of {bytes} bytes", messages.len());
    let operator = v1::Caller {
        access_key_id: cell::OPERATOR.to_owned(),
        kind: Some(v1::caller::Kind::Operator(v1::caller::Operator {})),
    };
    let context = v1::RequestContext {
        source_ip: "10.1.2.3".to_owned(),
        user_agent: "gateway/1.0".to_owned(),
        secure_transport: true,
        region: "us-east-1".to_owned(),
        referer: String::new(),
    };
    let subjects = Subjects::new(16_384);
    let ask = |subjects: &Subjects, caller, asked: &Asked<'_>| {
        let asker = Asker::new(state, subjects, caller, &context, NOW_MS).expect("known");
        let subject = asker.subject(&who(asked), Power::Decide).expect("may ask");
        subject.decision(asked).expect("decided").is_allowed()
    };
    let asker = Asker::new(state, &subjects, &operator, &context, NOW_MS).expect("the operator");
    let find = |asked: &Asked<'_>| asker.subject(&who(asked), Power::Decide).expect("known");
    tell("read the message", rounds, messages, |message| read(message).context.len());
    tell("… and find the principal", rounds, messages, |message| {
        find(&read(message)).arn().len()
    });
    tell("… and decide", rounds, messages, |message| {
        let asked = read(message);
        find(&asked).decision(&asked).expect("decided").is_allowed()
    });
    let (user, session) = (long_term(cell::ASKER), cell::session(state));
    for (what, caller) in [("a user", &user), ("its session", &session)] {
        tell(&format!("… and decide, asked by {what}"), rounds, messages, |message| {
            ask(&subjects, caller, &read(message))
        });
    }
    tell("… and decide, nobody being kept", 1, messages, |message| {
        ask(&Subjects::new(1), &operator, &read(message))
    });
    tell("… and word and encode the answer", rounds, messages, |message| {
        let asked = read(message);
        answer(&find(&asked), &asked)
    });
    let allowed = messages.iter().filter(|message| {
        let asked = read(message);
        find(&asked).decision(&asked).expect("decided").is_allowed()
    });
    println!("  {:<36} {:>6}", "allowed", allowed.count());
}

fn read(message: &[u8]) -> Asked<'_> {
    Asked::read(message).expect("a message").expect("a question")
}

fn who<'a>(asked: &Asked<'a>) -> Who<'a> {
    let Some(Named::Arn(arn)) = asked.principal else { panic!("messages name ARNs") };
    Who::Arn(arn.into())
}

fn answer(subject: &Subject<'_>, asked: &Asked<'_>) -> usize {
    let verdict = subject.decide(asked).expect("decided");
    let (decision, decided_by, message) = (verdict.decision, verdict.decided_by, verdict.message);
    let served_by = "voter-1".to_owned();
    let answer =
        DecideResponse { decision, decided_by, message, revision: 7, age_ms: 3, served_by };
    answer.encode_to_vec().len()
}

/// Nanoseconds a message: the mean of the best of five runs, and the 99th percentile one at a time.
fn tell<T>(what: &str, rounds: usize, messages: &[Vec<u8>], ask: impl Fn(&[u8]) -> T) {
    let mut best = Duration::MAX;
    for _ in 0..5 {
        let start = Instant::now();
        for _ in 0..rounds {
            for message in messages {
                black_box(ask(black_box(message)));
            }
        }
        best = best.min(start.elapsed());
    }
    let mut each: Vec<Duration> = messages
        .iter()
        .map(|message| {
            let start = Instant::now();
            black_box(ask(black_box(message)));
            start.elapsed()
        })
        .collect();
    each.sort_unstable();
    let mean = best.as_nanos() as f64 / (rounds * messages.len()) as f64;
    println!("  {what:<36} {mean:>6.0} ns  p99 {:>6} ns", each[each.len() * 99 / 100].as_nanos());
}
