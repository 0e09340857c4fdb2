//! The progress of a group: the mean of its initiatives' progress, weighted, exact.
//!
//! An initiative's progress is a fraction whose denominator is its live weight. Fractions of one live weight are added as whole
//! numbers, and the few that are left over a common denominator, which grows beyond any machine word.

use std::{cmp::Ordering, collections::BTreeMap};

use num_bigint::{BigInt, Sign};

use super::{Health, LATE_GAP, Percent, RISK_GAP};

/// The sums over initiatives of one live weight.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Sums {
    /// The sum of weight times what is verified.
    verified: i64,
    /// The sum of weight times what is due by the baseline.
    planned: i64,
}

/// The weighted mean of initiatives' progress, as it grows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mean {
    by_live: BTreeMap<i64, Sums>,
    weight: i64,
}

/// The figures of a group; all null where nothing is live.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Percent verified.
    pub progress: Option<Percent>,
    /// Percent due by the baseline.
    pub planned_progress: Option<Percent>,
    /// Progress less planned progress, in points.
    pub gap: Option<Percent>,
    /// The gap before it is rounded, by which groups are put in order.
    pub exact_gap: Option<ExactGap>,
    /// How the group stands, from its own unrounded gap and its own late responsibilities.
    pub health: Option<Health>,
}

/// A gap before it is rounded.
#[derive(Debug, Clone)]
pub struct ExactGap {
    pub(super) part: BigInt,
    /// Above zero.
    pub(super) whole: BigInt,
}

impl Ord for ExactGap {
    /// Compares by cross-multiplication.
    fn cmp(&self, other: &Self) -> Ordering {
        (&self.part * &other.whole).cmp(&(&other.part * &self.whole))
    }
}

impl PartialOrd for ExactGap {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for ExactGap {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for ExactGap {}

impl Mean {
    /// Adds an initiative: its weight, and the live, the verified and the planned weight of its responsibilities.
    /// One in which nothing is live does not count.
    pub fn add(&mut self, weight: i64, live: i64, verified: i64, planned: i64) {
        if live > 0 {
            let sums = self.by_live.entry(live).or_default();
            sums.verified += weight * verified;
            sums.planned += weight * planned;
            self.weight += weight;
        }
    }

    /// Adds another group's initiatives.
    pub fn merge(&mut self, other: &Self) {
        for (live, sums) in &other.by_live {
            let mine = self.by_live.entry(*live).or_default();
            mine.verified += sums.verified;
            mine.planned += sums.planned;
        }
        self.weight += other.weight;
    }

    /// The group's figures, where `late` responsibilities are late, `very_late` of them by more than 30 days.
    pub fn standing(&self, late: i64, very_late: i64) -> Standing {
        if self.weight <= 0 {
            return Standing::default();
        }
        let common = self.common_denominator();
        let (mut verified, mut planned) = (BigInt::ZERO, BigInt::ZERO);
        for (live, sums) in &self.by_live {
            let share = &common / *live;
            verified += &share * sums.verified;
            planned += share * sums.planned;
        }
        let whole = common * self.weight;
        let gap = &verified - &planned;
        let health = health_of(|percent| &gap * 100 < &whole * percent, late, very_late);
        Standing {
            progress: percent(&verified, &whole),
            planned_progress: percent(&planned, &whole),
            gap: percent(&gap, &whole),
            exact_gap: Some(ExactGap { part: gap, whole }),
            health: Some(health),
        }
    }

    /// The least common multiple of the live weights: each is small, so its share of the great number is found by a short
    /// division.
    fn common_denominator(&self) -> BigInt {
        let mut common = BigInt::from(1);
        for live in self.by_live.keys() {
            let rest = i64::try_from(&common % *live).unwrap_or(0);
            common *= live / gcd(*live, rest);
        }
        common
    }
}

/// The health of a group; `is_below` tells whether its gap is below so many percent.
pub(super) fn health_of(is_below: impl Fn(i64) -> bool, late: i64, very_late: i64) -> Health {
    if is_below(-LATE_GAP) || very_late > 0 {
        Health::Late
    } else if is_below(-RISK_GAP) || late > 0 {
        Health::AtRisk
    } else {
        Health::OnTrack
    }
}

/// As percent with one decimal, half away from zero; the whole is above zero.
fn percent(part: &BigInt, whole: &BigInt) -> Option<Percent> {
    let magnitude = BigInt::from(part.magnitude().clone());
    let tenths: BigInt = (magnitude * 2000 + whole) / (whole * 2);
    let signed = if part.sign() == Sign::Minus { -tenths } else { tenths };
    i32::try_from(signed).ok().map(Percent)
}

const fn gcd(mut one: i64, mut other: i64) -> i64 {
    while other != 0 {
        (one, other) = (other, one % other);
    }
    one
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mean(parts: &[(i64, i64, i64, i64)]) -> Mean {
        let mut mean = Mean::default();
        for (weight, live, verified, planned) in parts {
            mean.add(*weight, *live, *verified, *planned);
        }
        mean
    }

    #[test]
    fn nothing_live_is_null_and_never_zero() {
        assert_eq!(mean(&[]).standing(0, 0).progress, None);
        assert_eq!(mean(&[(10, 0, 0, 0)]).standing(0, 0).gap, None);
        assert_eq!(mean(&[(10, 0, 0, 0)]).standing(0, 0).health, None);
        assert_eq!(mean(&[(10, 5, 0, 0), (90, 0, 0, 0)]).standing(0, 0).progress, Some(Percent(0)));
    }

    #[test]
    fn what_lies_exactly_on_a_bound_is_not_below_it() {
        // One third and two thirds make one: in floating point they miss it.
        let halves = mean(&[(1, 3, 1, 1), (1, 3, 2, 2), (2, 7, 3, 3), (2, 7, 4, 4)]);
        assert_eq!(halves.standing(0, 0).progress, Some(Percent(500)));
        let exactly_five = mean(&[(1, 3, 1, 1), (17, 17, 8, 9), (2, 6, 4, 4)]);
        assert_eq!(exactly_five.standing(0, 0).gap, Some(Percent(-50)));
        assert_eq!(exactly_five.standing(0, 0).health, Some(Health::OnTrack));
        assert_eq!(mean(&[(1, 3, 1, 1), (17, 17, 8, 10), (2, 6, 4, 4)]).standing(0, 0).health, Some(Health::AtRisk));
        assert_eq!(mean(&[(20, 20, 0, 3)]).standing(0, 0).health, Some(Health::AtRisk));
        assert_eq!(mean(&[(20, 20, 0, 4)]).standing(0, 0).health, Some(Health::Late));
    }

    #[test]
    fn a_half_is_rounded_away_from_zero() {
        assert_eq!(mean(&[(1, 2000, 1, 0)]).standing(0, 0).gap, Some(Percent(1)));
        assert_eq!(mean(&[(1, 2000, 0, 1)]).standing(0, 0).gap, Some(Percent(-1)));
    }

    #[test]
    fn gaps_that_are_rounded_alike_have_an_order() {
        let (one, other) = (mean(&[(1, 3000, 0, 1)]), mean(&[(1, 3001, 0, 1), (0, 7, 0, 1)]));
        assert_eq!(one.standing(0, 0).gap, other.standing(0, 0).gap);
        let (one, other) = (one.standing(0, 0).exact_gap, other.standing(0, 0).exact_gap);
        assert!(one < other && one == one.clone());
        assert_eq!(mean(&[(1, 2, 0, 1)]).standing(0, 0).exact_gap, mean(&[(3, 4, 0, 2)]).standing(0, 0).exact_gap);
    }

    proptest! {
        #[test]
        fn it_is_what_one_denominator_gives(parts in prop::collection::vec((1..=100_i64, 1..=12_i64, 0..=12_i64, 0..=12_i64), 1..12)) {
            let parts: Vec<_> = parts.into_iter().map(|(weight, live, verified, planned)| (weight, live, verified.min(live), planned.min(live))).collect();
            // 27720 is a multiple of every number to 12.
            let whole: i64 = parts.iter().map(|(weight, ..)| weight * 27720).sum();
            let part: i64 = parts.iter().map(|(weight, live, verified, planned)| weight * (verified - planned) * (27720 / live)).sum();
            prop_assert_eq!(mean(&parts).standing(0, 0).gap, super::super::percent(part, whole));
            let (one, other) = parts.split_at(parts.len() / 2);
            let mut merged = mean(one);
            merged.merge(&mean(other));
            prop_assert_eq!(merged, mean(&parts));
        }
    }
}
