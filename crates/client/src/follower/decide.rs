//! One decision by what is held.

use std::fmt;
use std::time::Duration;

use model::{State, arn, id};
use ops::authz::asked::{Asked, Named, long_term};
use ops::authz::{Who, subject};
use schema::Fault;
use schema::authz::v1::{Decision, Question, Verdict};

use super::held::{Held, Shown};

/// A decision, and what it was made by.
#[derive(Clone, PartialEq, Debug)]
pub struct Decided {
    /// As `authz/v1` would give it.
    pub verdict: Verdict,
    /// The revision of the policy data.
    pub revision: u64,
    /// Upper bound of their age.
    pub age: Duration,
}

impl Decided {
    /// Whether it is allowed. Everything else is a denial.
    pub fn is_allowed(&self) -> bool {
        self.verdict.decision() == Decision::Allowed
    }
}

/// Why a follower cannot decide. None of it is a permission.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Undecided {
    /// What is held is too old, or nothing is held yet.
    Stale {
        /// Upper bound of its age; `None` when nothing is known.
        age: Option<Duration>,
        /// From this age on nothing is decided.
        max_staleness: Duration,
    },
    /// The principal, or the entity of IAM that is the resource, is of an account that is not followed. `authz/v1`
    /// can decide.
    NotFollowed {
        /// The account.
        account_id: String,
    },
    /// The access key is younger than what is held: wait for the revision that made it.
    NotHereYet {
        /// That revision.
        revision: u64,
    },
    /// The credential is a session's. Its token can be opened by the cell alone: `authz/v1` can decide.
    Session,
    /// The question is refused, as `authz/v1` refuses it.
    Fault(Fault),
}

impl fmt::Display for Undecided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Undecided::Stale { age: None, .. } => {
                f.write_str("no policy data of a known age are held")
            }
            Undecided::Stale { age: Some(age), max_staleness } => {
                write!(f, "the policy data are {age:?} old, and {max_staleness:?} is too old")
            }
            Undecided::NotFollowed { account_id } => {
                write!(f, "account {account_id} is not followed: ask the cell")
            }
            Undecided::NotHereYet { revision } => {
                write!(f, "the access key was made at revision {revision}, which is not here yet")
            }
            Undecided::Session => {
                f.write_str("only the cell can open a session token: ask the cell")
            }
            Undecided::Fault(fault) => fault.fmt(f),
        }
    }
}

impl std::error::Error for Undecided {}

impl From<Fault> for Undecided {
    fn from(fault: Fault) -> Self {
        Undecided::Fault(fault)
    }
}

pub(super) fn decide(held: &Held, question: &Question) -> Result<Decided, Undecided> {
    let shown = held.shown();
    let age = young_enough(held, &shown)?;
    let state = &*shown.state;
    let asked = Asked::from(question);
    let who = who(&asked)?;
    let followed = |account_id: &str| match held.accounts.contains(account_id) {
        true => Ok(()),
        false => Err(Undecided::NotFollowed { account_id: account_id.to_owned() }),
    };
    who.account_id()?.as_deref().map_or(Ok(()), followed)?;
    // What a role of the cell trusts, and the tags of its entities, are known of followed accounts only.
    let resource = arn::parse(asked.resource).filter(|resource| resource.service == "iam");
    if let Some(resource) = resource.filter(|resource| arn::is_account(resource.account)) {
        followed(resource.account)?;
    }
    let subject = subject(&held.subjects, state, &who, held.clock.wall_ms());
    let subject = subject.map_err(|fault| not_here_yet(state, &who).unwrap_or(fault.into()))?;
    let verdict = subject.decide(&asked)?;
    Ok(Decided { verdict, revision: state.revision(), age })
}

fn young_enough(held: &Held, shown: &Shown) -> Result<Duration, Undecided> {
    let (age, max_staleness) = (held.age_of(shown), shown.max_staleness);
    age.filter(|age| *age < max_staleness).ok_or(Undecided::Stale { age, max_staleness })
}

fn who<'a>(asked: &Asked<'a>) -> Result<Who<'a>, Undecided> {
    match asked.principal {
        None => Err(ops::faults::validation("principal must be given").into()),
        Some(Named::Arn(arn)) => Ok(Who::Arn(arn.into())),
        Some(Named::Credential { session_token: Some(_), .. }) => Err(Undecided::Session),
        Some(Named::Credential { access_key_id, session_token: None }) => {
            Ok(Who::Credential(Box::new(long_term(access_key_id))))
        }
    }
}

fn not_here_yet(state: &State, who: &Who<'_>) -> Option<Undecided> {
    let Who::Credential(caller) = who else { return None };
    let revision = id::access_key_birth(&caller.access_key_id)?;
    (revision > state.revision()).then_some(Undecided::NotHereYet { revision })
}
