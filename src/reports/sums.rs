//! The figures of a group of initiatives, and of groups together.

use chrono::NaiveDate;

use super::dto::InitiativeTotals;
use crate::figures::{Mean, Near, Standing};

/// Money and people, of what is neither a draft nor cancelled; none where nobody gave a figure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Resources {
    /// Rials planned.
    pub budget_planned: Option<i64>,
    /// Rials spent.
    pub budget_spent: Option<i64>,
    /// Persons to be reached.
    pub beneficiaries_planned: Option<i64>,
    /// Persons reached.
    pub beneficiaries_reached: Option<i64>,
}

/// The figures of a group of initiatives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sums {
    /// Initiatives, counted by status.
    pub initiatives: InitiativeTotals,
    /// Money and people.
    pub resources: Resources,
    /// Progress and plan, approximately.
    pub near: Near,
    /// The exact mean, where the approximate one leaves something open.
    pub exact: Option<Mean>,
    /// Late responsibilities.
    pub late: i64,
    /// Late by more than 30 days.
    pub very_late: i64,
    /// The oldest deadline that was missed.
    pub oldest: Option<NaiveDate>,
}

/// The sum of what is known; none where nothing is.
const fn plus(one: Option<i64>, other: Option<i64>) -> Option<i64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.saturating_add(other)),
        (Some(known), None) | (None, Some(known)) => Some(known),
        (None, None) => None,
    }
}

impl Resources {
    /// The sum of both.
    pub const fn plus(self, other: Self) -> Self {
        Self {
            budget_planned: plus(self.budget_planned, other.budget_planned),
            budget_spent: plus(self.budget_spent, other.budget_spent),
            beneficiaries_planned: plus(self.beneficiaries_planned, other.beneficiaries_planned),
            beneficiaries_reached: plus(self.beneficiaries_reached, other.beneficiaries_reached),
        }
    }
}

impl Sums {
    /// Adds another group's figures.
    pub fn merge(&mut self, other: &Self) {
        self.initiatives.merge(&other.initiatives);
        self.resources = self.resources.plus(other.resources);
        self.near.merge(&other.near);
        if let Some(exact) = &other.exact {
            self.exact.get_or_insert_default().merge(exact);
        }
        self.late += other.late;
        self.very_late += other.very_late;
        self.oldest = self.oldest.into_iter().chain(other.oldest).min();
    }

    /// Whether there is nothing to tell.
    pub const fn is_empty(&self) -> bool {
        self.initiatives.total == 0 && self.late == 0
    }

    /// Progress, plan, gap and health of the group.
    pub fn standing(&self) -> Standing {
        match &self.exact {
            Some(exact) => exact.standing(self.late, self.very_late),
            None => self.near.standing(self.late, self.very_late),
        }
    }

    /// The most days that a responsibility is late.
    pub fn max_days_late(&self, as_of: NaiveDate) -> Option<i64> {
        self.oldest.map(|due| (as_of - due).num_days())
    }
}

/// The figures of all groups together.
pub fn total<'a>(groups: impl IntoIterator<Item = &'a Sums>) -> Sums {
    groups.into_iter().fold(Sums::default(), |mut all, group| {
        all.merge(group);
        all
    })
}
