//! Conflicts (409): with what is there, with a lifecycle, or with the first request under the same key.

use super::{Operation, Refusal};
use crate::error::ProblemCode;

const CREATE: Refusal = Refusal(
    "CreateConflict",
    "There is one with that code or username already, or the first request with this key is under way.",
    &[ProblemCode::AlreadyExists, ProblemCode::IdempotencyInProgress],
);
const CREATE_DEFERRAL: Refusal = Refusal(
    "CreateDeferralConflict",
    "A request for more time is open already, or the first request with this key is under way.",
    &[ProblemCode::DeferralOpen, ProblemCode::IdempotencyInProgress],
);
const CREATE_MANDATE: Refusal = Refusal(
    "CreateMandateConflict",
    "The place has a manager in that time, or the first request with this key is under way.",
    &[ProblemCode::OverlappingMandate, ProblemCode::IdempotencyInProgress],
);
const CREATE_RESPONSIBILITY: Refusal = Refusal(
    "CreateResponsibilityConflict",
    "There is one with that code already, the initiative takes none any more, or the first request with this key is under way.",
    &[ProblemCode::AlreadyExists, ProblemCode::Frozen, ProblemCode::IdempotencyInProgress],
);
const UPDATE: Refusal = Refusal("UpdateConflict", "There is one with that code already.", &[ProblemCode::AlreadyExists]);
const UPDATE_MANDATE: Refusal = Refusal(
    "UpdateMandateConflict",
    "The place has a manager in that time, or the field can no longer be changed.",
    &[ProblemCode::OverlappingMandate, ProblemCode::Frozen],
);
const UPDATE_USER: Refusal = Refusal(
    "UpdateUserConflict",
    "There is one with that username already, or nobody would be left who may manage users.",
    &[ProblemCode::AlreadyExists, ProblemCode::LastAdministrator],
);
const UPDATE_WORK: Refusal = Refusal(
    "UpdateWorkConflict",
    "There is one with that code already, or the field can no longer be changed.",
    &[ProblemCode::AlreadyExists, ProblemCode::Frozen],
);
const DELETE: Refusal = Refusal("DeleteConflict", "Something depends on it, or it has begun or left draft.", &[ProblemCode::InUse]);
const DELETE_USER: Refusal = Refusal(
    "DeleteUserConflict",
    "Something depends on it, or nobody would be left who may manage users.",
    &[ProblemCode::InUse, ProblemCode::LastAdministrator],
);
const CANCEL: Refusal = Refusal(
    "CancelConflict",
    "The import has ended, or the first request with this key is under way.",
    &[ProblemCode::IllegalTransition, ProblemCode::IdempotencyInProgress],
);
const TRANSITION: Refusal = Refusal(
    "TransitionConflict",
    "There is no such move from the present status.",
    &[ProblemCode::IllegalTransition, ProblemCode::IdempotencyInProgress],
);
const REPEAT: Refusal = Refusal("RepeatConflict", "The first request with this key is under way.", &[ProblemCode::IdempotencyInProgress]);

/// All of them.
pub const ALL: [&Refusal; 13] = [
    &CREATE,
    &CREATE_DEFERRAL,
    &CREATE_MANDATE,
    &CREATE_RESPONSIBILITY,
    &UPDATE,
    &UPDATE_MANDATE,
    &UPDATE_USER,
    &UPDATE_WORK,
    &DELETE,
    &DELETE_USER,
    &CANCEL,
    &TRANSITION,
    &REPEAT,
];

/// What an operation can conflict with.
pub fn of(operation: &Operation) -> Vec<&'static Refusal> {
    match operation.id.as_str() {
        "createDeferral" => vec![&CREATE_DEFERRAL],
        "createMandate" => vec![&CREATE_MANDATE],
        "createResponsibility" => vec![&CREATE_RESPONSIBILITY],
        "updateMandate" => vec![&UPDATE_MANDATE],
        "updateUser" => vec![&UPDATE_USER],
        "updateInitiative" | "updateResponsibility" => vec![&UPDATE_WORK],
        "deleteUser" => vec![&DELETE_USER],
        "cancelImport" => vec![&CANCEL],
        // Service accounts have neither a code nor a name of their own. (`updateClient` has had a conflict since 0.1.0, and keeps it.)
        "createClient" => vec![&REPEAT],
        _ => of_shape(operation),
    }
}

fn of_shape(operation: &Operation) -> Vec<&'static Refusal> {
    match operation.method.as_str() {
        "patch" => vec![&UPDATE],
        "delete" => vec![&DELETE],
        "post" if operation.is_transition() => vec![&TRANSITION],
        "post" if operation.status == "201" && !operation.names_item() => vec![&CREATE],
        "post" if operation.is_idempotent() => vec![&REPEAT],
        _ => Vec::new(),
    }
}
