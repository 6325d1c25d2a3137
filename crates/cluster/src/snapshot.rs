//! A state in pieces that fit into messages, and back: for followers that fell behind and for new
//! replicas.

use std::fmt;
use std::sync::Arc;

use bytes::{Buf, Bytes, BytesMut};
use futures::StreamExt;
use model::State;
use prost::Message;
use schema::model::v1::Entity;
use schema::peer::v1::{SnapshotEnd, SnapshotHead, SnapshotMark, SnapshotPart};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::network::Messages;
use crate::runtime::Context;

/// Bytes after which a part is closed.
const PART_BYTES: usize = 1024 * 1024;

/// Parts made ahead of the one being sent.
const PARTS_AHEAD: usize = 2;

/// One message's worth of a snapshot: a head, parts, an end.
#[derive(Clone, PartialEq, Debug)]
pub enum Piece {
    /// Which state.
    Head(SnapshotHead),
    /// Some of its entities.
    Part(SnapshotPart),
    /// Its digest.
    End(SnapshotEnd),
}

/// The pieces of a state, made as they are sent: the state is never in memory twice. The mark says
/// where in the log it stands, if its sender has one.
pub(crate) fn pieces(mark: Option<SnapshotMark>, state: Arc<State>) -> Messages<Piece> {
    let (sender, receiver) = mpsc::channel(PARTS_AHEAD);
    let head = SnapshotHead { revision: state.revision(), time_ms: state.time_ms(), mark };
    drop(Context::spawn_current(async move {
        // A receiver that is gone ends it.
        let _ = cut(head, &state, &sender).await;
    }));
    ReceiverStream::new(receiver).boxed()
}

async fn cut(
    head: SnapshotHead,
    state: &State,
    sender: &mpsc::Sender<Piece>,
) -> Result<(), mpsc::error::SendError<Piece>> {
    sender.send(Piece::Head(head)).await?;
    let mut part = BytesMut::new();
    let mut entities = 0;
    for entity in state.entities() {
        entities += 1;
        entity.encode_length_delimited(&mut part).expect("a BytesMut grows as needed");
        if part.len() >= PART_BYTES {
            sender.send(Piece::Part(SnapshotPart { entities: part.split().freeze() })).await?;
        }
    }
    if !part.is_empty() {
        sender.send(Piece::Part(SnapshotPart { entities: part.freeze() })).await?;
    }
    let digest = Bytes::copy_from_slice(&state.digest());
    sender.send(Piece::End(SnapshotEnd { digest, entities })).await
}

/// Puts a state together from its pieces.
#[derive(Default)]
pub struct Assembly {
    head: Option<SnapshotHead>,
    state: State,
    entities: u64,
}

/// A snapshot that did not arrive whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BadSnapshot(pub String);

impl fmt::Display for BadSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bad snapshot: {}", self.0)
    }
}

impl std::error::Error for BadSnapshot {}

impl Assembly {
    /// Takes the next piece; gives the state with the last one, when the digest is what the
    /// sender's was.
    ///
    /// # Errors
    /// Pieces out of order, damaged, or of a state with another digest.
    pub fn take(&mut self, piece: Piece) -> Result<Option<State>, BadSnapshot> {
        match piece {
            Piece::Head(head) => {
                *self = Assembly { head: Some(head), ..Assembly::default() };
                Ok(None)
            }
            Piece::Part(part) => self.take_part(part.entities).map(|()| None),
            Piece::End(end) => self.finish(&end).map(Some),
        }
    }

    fn take_part(&mut self, mut part: Bytes) -> Result<(), BadSnapshot> {
        if self.head.is_none() {
            return Err(bad("a part without a head"));
        }
        while part.has_remaining() {
            let entity = Entity::decode_length_delimited(&mut part).map_err(bad)?;
            self.state.put(entity).map_err(bad)?;
            self.entities += 1;
        }
        Ok(())
    }

    fn finish(&mut self, end: &SnapshotEnd) -> Result<State, BadSnapshot> {
        let head = self.head.take().ok_or_else(|| bad("an end without a head"))?;
        let state = std::mem::take(&mut self.state).advanced(head.revision, head.time_ms);
        if self.entities != end.entities {
            return Err(bad(format!("{} entities of {}", self.entities, end.entities)));
        }
        if state.digest()[..] != end.digest[..] {
            return Err(bad("the digest differs"));
        }
        Ok(state)
    }
}

fn bad(why: impl fmt::Display) -> BadSnapshot {
    BadSnapshot(why.to_string())
}

#[cfg(test)]
mod tests {
    use schema::model::v1::{Account, User, entity};

    use super::*;

    fn state(users: usize) -> State {
        let account = Account { account_id: "123456789012".into(), ..Account::default() };
        let mut state = State::default();
        state.put(Entity { kind: Some(entity::Kind::Account(account)) }).unwrap();
        for n in 0..users {
            let user = User {
                account_id: "123456789012".into(),
                name: format!("user-{n}"),
                path: "/".repeat(400),
                ..User::default()
            };
            state.put(Entity { kind: Some(entity::Kind::User(user)) }).unwrap();
        }
        state.advanced(77, 1_000)
    }

    #[tokio::test]
    async fn a_state_of_several_parts_comes_back() {
        let state = state(5_000);
        let pieces: Vec<Piece> = pieces(None, Arc::new(state.clone())).collect().await;
        assert!(pieces.len() > 3, "{} pieces", pieces.len());
        let mut assembly = Assembly::default();
        let mut whole = None;
        for piece in pieces {
            whole = assembly.take(piece).unwrap();
        }
        let whole = whole.unwrap();
        assert_eq!((whole.revision(), whole.time_ms()), (77, 1_000));
        assert_eq!(whole.digest(), state.digest());
    }

    #[tokio::test]
    async fn what_is_missing_or_altered_is_found() {
        let pieces: Vec<Piece> = pieces(None, Arc::new(state(10))).collect().await;
        let assemble = |pieces: &[Piece]| {
            let mut assembly = Assembly::default();
            pieces.iter().cloned().try_fold(None, |_, piece| assembly.take(piece))
        };
        assert!(assemble(&pieces).unwrap().is_some());
        assert!(assemble(&pieces[1..]).is_err());
        assert!(assemble(&[pieces[0].clone(), pieces[2].clone()]).is_err());
        let mut cut = pieces.clone();
        let Piece::Part(part) = &mut cut[1] else { panic!("a part") };
        part.entities.truncate(part.entities.len() - 1);
        assert!(assemble(&cut).is_err());
        let mut other = pieces;
        let Piece::End(end) = &mut other[2] else { panic!("an end") };
        end.digest = Bytes::from_static(&[7; 32]);
        assert!(assemble(&other).is_err());
    }
}
