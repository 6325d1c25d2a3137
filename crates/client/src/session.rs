//! A session: calls that never see less than the calls before them, whichever node answers.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use model::Token;
use prost::Message;
use schema::OperationInfo;
use tonic::metadata::MetadataMap;

use crate::answer::{number, text};
use crate::{Answer, Client, Error};

/// The newest revision that anybody's answer showed, and the cell it is of.
#[derive(Debug, Default)]
pub(crate) struct Newest(Mutex<Option<Token>>);

impl Newest {
    /// Takes what an answer says of itself: a write's token, or the revision of the state a read came from.
    pub(crate) fn note(&self, metadata: &MetadataMap) {
        let token = Token::parse(&text(metadata, "x-bailiwick-token"));
        let revision = number(metadata, "x-bailiwick-revision");
        let read = (revision > 0).then(|| Token { cell: String::new(), revision });
        for seen in token.into_iter().chain(read) {
            self.see(seen);
        }
    }

    fn see(&self, seen: Token) {
        let mut newest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = newest.get_or_insert_with(|| Token { cell: String::new(), revision: 0 });
        known.revision = known.revision.max(seen.revision);
        // A bare revision names no cell; what is known of it stays.
        if !seen.cell.is_empty() {
            known.cell = seen.cell;
        }
    }

    fn token(&self) -> Option<String> {
        let newest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        newest.as_ref().map(|token| match token.cell.is_empty() {
            true => token.revision.to_string(),
            false => token.to_string(),
        })
    }

    /// What the session's next call asks for.
    pub(crate) fn wish(&self) -> Option<String> {
        self.token().map(|token| format!("at-least={token}"))
    }
}

/// Calls that read their own writes and never go back, whichever node answers.
///
/// A session remembers the newest revision of every answer, refusals included, and asks each call for at least that
/// one: a node that does not show it waits, or is passed over for another. Clones share what they remember. Reads
/// with `strong` stay so; any other consistency of the client gives way. A write whose fate is unknown
/// ([`Error::Unavailable`]) is not remembered: nobody said its revision.
///
/// See docs/consistency.md, "Sessions of a client".
#[derive(Clone, Debug)]
pub struct Session {
    client: Client,
    newest: Arc<Newest>,
}

impl Client {
    /// A session that has seen nothing yet.
    pub fn session(&self) -> Session {
        let newest = Arc::<Newest>::default();
        Session { client: Client { newest: Some(Arc::clone(&newest)), ..self.clone() }, newest }
    }

    /// A session that goes on from where another was, in this process or another: see [`Session::token`].
    ///
    /// # Errors
    /// [`Error::Usage`] for what is no token.
    pub fn session_from(&self, token: &str) -> Result<Session, Error> {
        let session = self.session();
        session.has_seen(token)?;
        Ok(session)
    }
}

impl Session {
    /// The session's client: what is asked through it and its clones belongs to the session.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// As [`Client::call`].
    ///
    /// # Errors
    /// As for [`Client::call`]; [`Error::Unavailable`] also when no node showed by the deadline what the session has
    /// seen already.
    pub async fn call(&self, info: &OperationInfo, request: Bytes) -> Result<Answer<Bytes>, Error> {
        self.client.call(info, request).await
    }

    /// As [`Client::send`].
    ///
    /// # Errors
    /// As for [`Session::call`].
    pub async fn send<M: Message, R: Message + Default>(
        &self,
        path: &str,
        request: &M,
        again: bool,
    ) -> Result<Answer<R>, Error> {
        self.client.send(path, request, again).await
    }

    /// What the session has seen, as text to hand to another process; `None` before its first answer.
    pub fn token(&self) -> Option<String> {
        self.newest.token()
    }

    /// Takes in what somebody else has seen: his token, or a revision.
    ///
    /// # Errors
    /// [`Error::Usage`] for what is no token.
    pub fn has_seen(&self, token: &str) -> Result<(), Error> {
        self.newest.see(parse(token)?);
        Ok(())
    }
}

/// Reads a token.
pub(crate) fn parse(text: &str) -> Result<Token, Error> {
    Token::parse(text).ok_or_else(|| Error::Usage(format!("`{text}` is no token of a write")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(entries: &[(&'static str, &str)]) -> MetadataMap {
        let mut metadata = MetadataMap::new();
        for (name, value) in entries {
            metadata.insert(*name, value.parse().unwrap());
        }
        metadata
    }

    #[test]
    fn the_newest_revision_is_asked_for_and_the_cell_is_remembered() {
        let newest = Newest::default();
        assert_eq!(newest.wish(), None);
        newest.note(&said(&[]));
        assert_eq!(newest.wish(), None);
        newest.note(&said(&[("x-bailiwick-revision", "42")]));
        assert_eq!(newest.wish().unwrap(), "at-least=42");
        newest.note(&said(&[("x-bailiwick-token", "ABCDEFGH.BB")]));
        let forty_two = Token::new("ABCDEFGH", 42).to_string();
        assert_eq!(newest.token(), Some(forty_two), "33 is older than what was seen");
        newest.note(&said(&[("x-bailiwick-revision", "7")]));
        newest.note(&said(&[("x-bailiwick-revision", "43")]));
        assert_eq!(newest.token(), Some(Token::new("ABCDEFGH", 43).to_string()));
    }
}
