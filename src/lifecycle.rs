//! Moves along a lifecycle: which there are, whose they are, and how one is refused (DESIGN §2).

use crate::{auth::Actor, db::TextEnum, error::ApiError};

/// What a move from where a thing stands is to an actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// There is none, for nobody.
    Absent,
    /// There is one, but not for him.
    Others,
    /// His.
    Own,
}

impl Move {
    /// One that there is.
    pub const fn there_is(own: bool) -> Self {
        if own { Self::Own } else { Self::Others }
    }
}

/// A thing with a lifecycle, as its rules see it.
pub trait Lifecycle {
    /// Where it can stand.
    type Status: TextEnum;

    /// Whether there is a move, and whose it is.
    fn judge_move(&self, actor: &Actor, to: Self::Status) -> Move;

    /// Where an actor may move it; conditions that would answer 422 are not looked at. A machine moves nothing (CONTRACT §2).
    fn moves(&self, actor: &Actor) -> Vec<Self::Status> {
        Self::Status::VALUES.iter().copied().filter(|to| !actor.machine && self.judge_move(actor, *to) == Move::Own).collect()
    }

    /// Refuses a move that is not this actor's, as none is a machine's, or that there is not; what `version` refuses comes between the two (CONTRACT §1, "Order").
    ///
    /// # Errors
    /// 403; what `version` gives; 409 `illegal_transition` with what is allowed.
    fn check_move(&self, actor: &Actor, to: Self::Status, version: impl FnOnce() -> Result<(), ApiError>) -> Result<(), ApiError> {
        let found = self.judge_move(actor, to);
        if actor.machine || found == Move::Others {
            return Err(ApiError::forbidden());
        }
        version()?;
        if found == Move::Own {
            return Ok(());
        }
        Err(ApiError::illegal_transition(self.moves(actor).into_iter().map(Self::Status::word).collect()))
    }
}
