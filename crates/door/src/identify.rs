//! Who calls: the signature of a request, the key it names, and the session behind a temporary key.
//!
//! Refusals come in AWS's order: what needs no key first ([`sigv4::present`]), then an unknown or
//! inactive key, a broken or expired session token, and last the signature itself.

use cluster::{Ordering, Seen, Unavailable};
use http::HeaderMap;
use model::{Sealed, id};
use schema::internal::v1::Use;
use schema::model::v1::{Caller, SealedSecret, Session, caller, session};
use sigv4::{HttpRequest, Presented, Refusal, Settings, SigningKey};
use tokio::time::Instant;

use crate::answer::Stop;
use crate::door::Shared;

/// The signing name of the operator's services, which open no account.
pub(crate) const OPERATOR_SERVICE: &str = "bailiwick";

/// The parts of a request that its signature covers.
pub(crate) struct Signed<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
    /// HTTP/2's `:authority`, which stands for `host`.
    pub(crate) authority: Option<&'a str>,
    /// Of the body; of a gRPC message without its frame.
    pub(crate) body_sha256: [u8; 32],
    /// The signing names that are right here.
    pub(crate) services: &'a [&'a str],
}

/// A caller whose signature is right.
pub(crate) struct Identified {
    pub(crate) caller: Caller,
    /// Region of the signature's scope.
    pub(crate) region: String,
    /// The view that the caller was found in.
    pub(crate) found: Found,
}

/// A view that somebody was found in, which may be newer than what is visible here.
pub(crate) struct Found {
    seen: Seen,
    /// When its age was told.
    at: Instant,
}

impl Found {
    pub(crate) fn new(seen: Seen) -> Self {
        Found { seen, at: Instant::now() }
    }

    /// The newer of two.
    pub(crate) fn newer(self, other: Option<Found>) -> Self {
        match other {
            Some(other) if other.seen.revision > self.seen.revision => other,
            _ => self,
        }
    }

    /// A view to answer from: that one, unless this is newer.
    ///
    /// INVARIANT: nobody is answered from a view that does not know him yet.
    pub(crate) fn or_newer(&self, view: Seen) -> Seen {
        if view.revision >= self.seen.revision {
            return view;
        }
        let since_ms = u64::try_from(self.at.elapsed().as_millis()).unwrap_or(u64::MAX);
        Seen { age_ms: self.seen.age_ms.saturating_add(since_ms), ..self.seen.clone() }
    }
}

/// A derived key, good for one scope and as long as the sealed secret stays what it was.
pub(crate) struct CachedKey {
    sealed: SealedSecret,
    date: String,
    region: String,
    service: String,
    key: SigningKey,
}

/// Establishes who signed a request.
///
/// `is_strong`: the caller is to be judged by everything acknowledged so far, so a key that looks
/// inactive here is looked at again where that is certain.
pub(crate) async fn identify(
    door: &Shared,
    signed: &Signed<'_>,
    is_strong: bool,
    deadline: Instant,
) -> Result<Identified, Stop> {
    let presented = present(door, signed)?;
    let (caller, seen) = if presented.service == OPERATOR_SERVICE {
        operator(door, &presented)?
    } else if let Some(token) = &presented.session_token
        && !presented.access_key_id.starts_with("AKIA")
    {
        session(door, &presented, token, deadline).await?
    } else {
        long_term(door, &presented, is_strong, deadline).await?
    };
    record_use(door, &presented, &caller);
    Ok(Identified { caller, region: presented.region, found: Found::new(seen) })
}

fn present(door: &Shared, signed: &Signed<'_>) -> Result<Presented, Refusal> {
    let mut headers: Vec<(&str, &[u8])> = Vec::with_capacity(signed.headers.len() + 1);
    headers.extend(signed.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())));
    if let Some(authority) = signed.authority {
        headers.push((":authority", authority.as_bytes()));
    }
    let request = HttpRequest {
        method: signed.method,
        path: signed.path,
        query: signed.query,
        headers: &headers,
        body_sha256: signed.body_sha256,
    };
    let regions: Vec<&str> = door.options.regions.iter().map(String::as_str).collect();
    let settings = Settings { regions: &regions, ..Settings::new(signed.services) };
    sigv4::present(&request, now_s(door), &settings)
}

fn operator(door: &Shared, presented: &Presented) -> Result<(Caller, Seen), Stop> {
    let seen = door.backend.seen();
    let key = seen.state.operator_keys().get(presented.access_key_id.as_str());
    let sealed = key.and_then(|key| key.sealed_secret());
    let sealed = sealed.ok_or_else(Refusal::invalid_client_token_id)?;
    verify(door, presented, sealed)?;
    let kind = caller::Kind::Operator(caller::Operator {});
    let access_key_id = presented.access_key_id.clone();
    Ok((Caller { access_key_id, kind: Some(kind) }, seen))
}

async fn long_term(
    door: &Shared,
    presented: &Presented,
    is_strong: bool,
    deadline: Instant,
) -> Result<(Caller, Seen), Stop> {
    let id = &presented.access_key_id;
    let (sealed, seen) = find_key(door, id, is_strong, deadline).await?;
    verify(door, presented, &sealed)?;
    // A session token that came with a long-term key is judged after the signature.
    if presented.session_token.is_some() {
        return Err(Refusal::invalid_client_token_id().into());
    }
    let kind = caller::Kind::LongTerm(caller::LongTerm {});
    Ok((Caller { access_key_id: id.clone(), kind: Some(kind) }, seen))
}

/// An active key, and the view it was found in, which may be newer than what is visible here.
pub(crate) async fn find_key(
    door: &Shared,
    id: &str,
    is_strong: bool,
    deadline: Instant,
) -> Result<(SealedSecret, Seen), Stop> {
    let seen = door.backend.seen();
    match lookup(&seen, id) {
        Key::Active(sealed) if !is_ahead(&seen, id) => Ok((sealed, seen)),
        // A key born later than what is visible here is not here yet: that is not the same as
        // unknown (docs/consistency.md). A key that is inactive here may have been made active
        // since.
        Key::Unknown if id::access_key_birth(id).is_none_or(|birth| birth <= seen.revision) => {
            Err(Refusal::invalid_client_token_id().into())
        }
        Key::Inactive if !is_strong => Err(Refusal::invalid_client_token_id().into()),
        Key::Active(_) | Key::Unknown | Key::Inactive => {
            let wait = Instant::now() + door.options.not_here_yet_wait;
            let fresh = door.backend.strong(wait.min(deadline)).await?;
            match lookup(&fresh, id) {
                Key::Active(sealed) => Ok((sealed, fresh)),
                _ => Err(Refusal::invalid_client_token_id().into()),
            }
        }
    }
}

/// Where classes of changes are shown each in its own time, a key may be here before its owner.
fn is_ahead(seen: &Seen, id: &str) -> bool {
    matches!(seen.ordering, Ordering::Class { .. })
        && id::access_key_birth(id).is_some_and(|birth| birth > seen.revision)
}

enum Key {
    Active(SealedSecret),
    Inactive,
    Unknown,
}

fn lookup(seen: &Seen, id: &str) -> Key {
    match seen.state.access_key(id) {
        Some((_, key)) => match key.sealed_secret() {
            Some(sealed) if key.active => Key::Active(sealed.clone()),
            _ => Key::Inactive,
        },
        None => Key::Unknown,
    }
}

async fn session(
    door: &Shared,
    presented: &Presented,
    token: &str,
    deadline: Instant,
) -> Result<(Caller, Seen), Stop> {
    let session = door.keys.open_session(token).map_err(|_| Refusal::invalid_token())?;
    if session.access_key_id != presented.access_key_id {
        return Err(Refusal::invalid_client_token_id().into());
    }
    if session.expires_ms <= door.clock.wall_ms() {
        return Err(Refusal::expired_token().into());
    }
    presented.verify(session.secret_access_key.as_bytes())?;
    // The session's user or role may not be visible here yet. Its signature is right, so the wait
    // is no stranger's.
    let seen = born(door, &session, deadline).await?;
    Ok((bearer(session), seen))
}

/// A view in which a session's user or role stands.
pub(crate) async fn born(
    door: &Shared,
    session: &Session,
    deadline: Instant,
) -> Result<Seen, Unavailable> {
    let seen = door.backend.seen();
    if seen.revision >= session.birth_revision {
        return Ok(seen);
    }
    let wait = Instant::now() + door.options.not_here_yet_wait;
    door.backend.at_least(session.birth_revision, wait.min(deadline)).await
}

/// The caller of a session. Its secret has done its work: it must not enter the log with the caller.
pub(crate) fn bearer(session: Session) -> Caller {
    let access_key_id = session.access_key_id.clone();
    let session = Session { secret_access_key: String::new(), ..session };
    Caller { access_key_id, kind: Some(caller::Kind::Session(session)) }
}

fn verify(door: &Shared, presented: &Presented, sealed: &SealedSecret) -> Result<(), Stop> {
    let known = door.signing_keys.get(presented.access_key_id.as_str());
    if let Some(known) = known.filter(|known| known.fits(presented, sealed)) {
        return Ok(presented.verify_with(&known.key)?);
    }
    let secret = door.keys.open(sealed).map_err(|error| {
        tracing::error!(access_key_id = presented.access_key_id, %error, "secret does not open");
        Refusal::invalid_client_token_id()
    })?;
    let key = presented.signing_key(&secret);
    presented.verify_with(&key)?;
    // Only the scope of a request that was signed with the key is worth keeping.
    let cached = CachedKey {
        sealed: sealed.clone(),
        date: presented.date.clone(),
        region: presented.region.clone(),
        service: presented.service.clone(),
        key,
    };
    door.signing_keys.insert(presented.access_key_id.clone(), cached.into());
    Ok(())
}

impl CachedKey {
    fn fits(&self, presented: &Presented, sealed: &SealedSecret) -> bool {
        self.date == presented.date
            && self.region == presented.region
            && self.service == presented.service
            && self.sealed == *sealed
    }
}

fn record_use(door: &Shared, presented: &Presented, caller: &Caller) {
    let (id, account_id) = match &caller.kind {
        Some(caller::Kind::LongTerm(_)) => {
            let Some(account_id) = id::access_key_account(&caller.access_key_id) else { return };
            (caller.access_key_id.clone(), account_id)
        }
        Some(caller::Kind::Session(session)) => match &session.subject {
            Some(session::Subject::Role(role)) => {
                (role.role_id.clone(), session.account_id.clone())
            }
            _ => return,
        },
        _ => return,
    };
    door.uses.record(Use {
        id,
        account_id,
        time_ms: door.clock.wall_ms(),
        region: presented.region.clone(),
        service: presented.service.clone(),
    });
}

fn now_s(door: &Shared) -> i64 {
    i64::try_from(door.clock.wall_ms() / 1000).unwrap_or(i64::MAX)
}
