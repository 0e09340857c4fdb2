//! Moves along a lifecycle: which there are, whose they are, and how one is refused (DESIGN §2).

use crate::{auth::Actor, db::TextEnum, error::ApiError};

/// What a move from the present status is to an actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// Nobody can make it.
    Absent,
    /// Others can make it, this actor cannot.
    Others,
    /// This actor can make it.
    Own,
}

impl Move {
    /// A move that exists, which this actor can make under a condition.
    pub const fn allowed_if(condition: bool) -> Self {
        if condition { Self::Own } else { Self::Others }
    }
}

/// A thing with a lifecycle, as its rules see it.
pub trait Lifecycle {
    /// Its statuses.
    type Status: TextEnum;

    /// Whether the move exists, and whether this actor can make it.
    fn judge_move(&self, actor: &Actor, to: Self::Status) -> Move;

    /// The statuses to which an actor may move it, none for a machine (CONTRACT §2); conditions that would answer 422 are not looked at.
    fn moves(&self, actor: &Actor) -> Vec<Self::Status> {
        Self::Status::ALL.iter().copied().filter(|to| !actor.is_client && self.judge_move(actor, *to) == Move::Own).collect()
    }

    /// Refuses a move that this actor cannot make (a machine can make none), and then one that does not exist. What `version` refuses
    /// comes between the two (CONTRACT §1, "Order").
    ///
    /// # Errors
    /// 403; what `version` gives; 409 `illegal_transition` with what is allowed.
    fn check_move(&self, actor: &Actor, to: Self::Status, version: impl FnOnce() -> Result<(), ApiError>) -> Result<(), ApiError> {
        let found = self.judge_move(actor, to);
        if actor.is_client || found == Move::Others {
            return Err(ApiError::forbidden());
        }
        version()?;
        if found == Move::Own {
            return Ok(());
        }
        Err(ApiError::illegal_transition(self.moves(actor).into_iter().map(TextEnum::as_str).collect()))
    }
}
