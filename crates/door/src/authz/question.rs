//! Whom a question is about: an ARN as it stands, a credential opened as the caller's own is.

use cluster::Seen;
use ops::authz::Who;
use ops::authz::asked::{Named, long_term};
use ops::faults;
use schema::Fault;
use tokio::time::Instant;

use crate::answer::Stop;
use crate::door::Shared;
use crate::identify::{bearer, born, find_key};

const KEY_MAX: usize = 128;
const TOKEN_MAX: usize = 16 << 10;

/// Finds principals, and remembers the newest view it had to look at.
pub(super) struct Finder<'a> {
    door: &'a Shared,
    is_strong: bool,
    deadline: Instant,
    pub(super) seen: Option<Seen>,
}

impl<'a> Finder<'a> {
    pub(super) fn new(door: &'a Shared, is_strong: bool, deadline: Instant) -> Self {
        Finder { door, is_strong, deadline, seen: None }
    }

    /// Whom a question names. The inner fault is the question's.
    pub(super) async fn find<'q>(
        &mut self,
        principal: Option<Named<'q>>,
    ) -> Result<Result<Who<'q>, Fault>, Stop> {
        match principal {
            None => Ok(Err(faults::validation("principal must be given"))),
            Some(Named::Arn(arn)) => Ok(Ok(Who::Arn(arn.into()))),
            Some(Named::Credential { access_key_id, session_token }) => {
                self.open(access_key_id, session_token).await
            }
        }
    }

    async fn open(
        &mut self,
        access_key_id: &str,
        session_token: Option<&str>,
    ) -> Result<Result<Who<'static>, Fault>, Stop> {
        if access_key_id.is_empty() || access_key_id.len() > KEY_MAX {
            let message = format!("access_key_id must have 1 to {KEY_MAX} characters");
            return Ok(Err(faults::validation(message)));
        }
        match session_token {
            Some(token) => self.session(access_key_id, token).await,
            None => self.long_term(access_key_id).await,
        }
    }

    /// Whether there is such a key is told by the view that is judged by, after it is known that the asker may ask.
    async fn long_term(&mut self, id: &str) -> Result<Result<Who<'static>, Fault>, Stop> {
        let is_here = self.seen.as_ref().is_some_and(|seen| seen.state.access_key(id).is_some());
        if !is_here {
            match find_key(self.door, id, self.is_strong, self.deadline).await {
                Ok((_, seen)) => self.note(seen),
                Err(Stop::Fault(_)) => {}
                Err(unavailable) => return Err(unavailable),
            }
        }
        Ok(Ok(Who::Credential(Box::new(long_term(id)))))
    }

    async fn session(
        &mut self,
        id: &str,
        token: &str,
    ) -> Result<Result<Who<'static>, Fault>, Stop> {
        let session = (token.len() <= TOKEN_MAX).then(|| self.door.keys.open_session(token).ok());
        let Some(session) = session.flatten().filter(|session| session.access_key_id == id) else {
            let message = "The session token of the credential is not valid.";
            return Ok(Err(faults::invalid_input(message)));
        };
        let seen = born(self.door, &session, self.deadline).await?;
        self.note(seen);
        Ok(Ok(Who::Credential(Box::new(bearer(session)))))
    }

    fn note(&mut self, seen: Seen) {
        if self.seen.as_ref().is_none_or(|known| known.revision < seen.revision) {
            self.seen = Some(seen);
        }
    }
}
