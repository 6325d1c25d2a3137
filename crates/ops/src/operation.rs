//! What an operation is: a request message that knows its access, and reads, writes or mints.

use model::v1;
use prost::Message;
use schema::{Fault, sts};

use crate::{Access, Txn, View};

/// A request message of the schema.
pub trait Operation: Message + Default {
    /// Its answer.
    type Response: Message + Default;

    /// Refuses a request whatever the caller's policies say: a malformed ARN, a caller AWS never serves. Judged
    /// before authorization, so it must not tell what exists.
    ///
    /// # Errors
    /// The fault that AWS answers.
    fn check(&self, _view: &View<'_>) -> Result<(), Fault> {
        Ok(())
    }

    /// What the caller must be allowed; each element is decided on its own and all must be allowed. Empty where AWS
    /// asks for no permission. It is computed before anything is looked up for the answer, so an entity that does
    /// not exist is named by the ARN it would have.
    fn access(&self, view: &View<'_>) -> Vec<Access>;
}

/// An operation that changes nothing.
pub trait Read: Operation {
    /// The answer.
    ///
    /// # Errors
    /// The fault that AWS answers.
    fn read(&self, view: &View<'_>) -> Result<Self::Response, Fault>;
}

/// An operation that changes the state.
pub trait Write: Operation {
    /// Makes its changes in the transaction; on a fault the transaction is dropped whole.
    ///
    /// # Errors
    /// The fault that AWS answers.
    fn write(&self, txn: &mut Txn<'_>) -> Result<Self::Response, Fault>;

    /// For an operation that makes a secret: the unique id of the secret's owner, to which the front door binds the
    /// sealed secret. `None`: no secret is made.
    ///
    /// # Errors
    /// The fault that AWS answers when there is no such owner.
    fn secret_owner(&self, _view: &View<'_>) -> Result<Option<String>, Fault> {
        Ok(None)
    }

    /// Puts the clear secret into the answer, at the front door that made it and nowhere else.
    fn reveal(_response: &mut Self::Response, _secret: &str) {}
}

/// An operation of STS that mints temporary credentials. Nothing is written: the session travels in its token.
pub trait Mint: Operation {
    /// The session (without key, secret or birth, which the front door adds) and the answer without credentials.
    ///
    /// # Errors
    /// The fault that AWS answers.
    fn mint(&self, view: &View<'_>) -> Result<(v1::Session, Self::Response), Fault>;

    /// Puts the credentials into the answer.
    fn deliver(response: &mut Self::Response, credentials: sts::v1::Credentials);
}
