//! The progress of a group as the database adds it up: in whole parts of one, each initiative's share cut off towards zero, with
//! the number of shares that were cut. That number bounds how far the sum may be from the exact mean, which seldom matters once it
//! is rounded; where it does, the exact [`Mean`](super::Mean) decides. It spares a report a row for each initiative (docs/reports.md, "What it
//! costs").

use num_bigint::BigInt;

use super::{ExactGap, Health, Standing, mean::health_of, percent};

/// How many parts make one. A multiple of the numbers up to 18 and of 2,000, so that shares of the usual weights are not cut, nor
/// is what lies exactly between two tenths of a percent.
pub const PARTS: i64 = 306_306_000;

/// A sum of weighted shares.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shares {
    /// Parts, each share cut off towards zero.
    pub parts: i64,
    /// How many shares were cut: the exact sum is less than so many parts away.
    pub cut: i64,
}

impl Shares {
    const fn plus(self, other: Self) -> Self {
        Self { parts: self.parts + other.parts, cut: self.cut + other.cut }
    }

    /// The bounds of the exact sum; it does not reach them where something was cut.
    const fn ends(self) -> [i64; 2] {
        [self.parts - self.cut, self.parts + self.cut]
    }
}

/// The weighted mean of initiatives' progress, approximately.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Near {
    /// The weight of the initiatives in which something is live.
    pub weight: i64,
    /// The sum of what is verified.
    pub verified: Shares,
    /// The sum of what is verified less what is due by the baseline, taken for each initiative: where both are the same nothing is cut.
    pub gap: Shares,
}

impl Near {
    /// Adds another group's initiatives.
    pub const fn merge(&mut self, other: &Self) {
        self.weight += other.weight;
        self.verified = self.verified.plus(other.verified);
        self.gap = self.gap.plus(other.gap);
    }

    /// The sum of what is due by the baseline.
    const fn planned(&self) -> Shares {
        Shares { parts: self.verified.parts - self.gap.parts, cut: self.verified.cut + self.gap.cut }
    }

    /// The group's figures, certain where [`Self::is_sure`]; `late` responsibilities are late, `very_late` of them by more than 30 days.
    pub fn standing(&self, late: i64, very_late: i64) -> Standing {
        if self.weight <= 0 {
            return Standing::default();
        }
        let whole = PARTS * self.weight;
        Standing {
            progress: percent(self.verified.parts, whole),
            planned_progress: percent(self.planned().parts, whole),
            gap: percent(self.gap.parts, whole),
            exact_gap: Some(ExactGap { part: BigInt::from(self.gap.parts), whole: BigInt::from(whole) }),
            health: Some(self.health(self.gap.parts, late, very_late)),
        }
    }

    /// Whether the group's figures are the same wherever the exact mean lies within its bounds.
    pub fn is_sure(&self, late: i64, very_late: i64) -> bool {
        let whole = PARTS * self.weight;
        let rounded = [self.verified, self.planned(), self.gap].iter().all(|shares| {
            let [low, high] = shares.ends().map(|end| percent(end, whole));
            low == high
        });
        let [low, high] = self.gap.ends().map(|gap| self.health(gap, late, very_late));
        rounded && low == high
    }

    fn health(&self, gap: i64, late: i64, very_late: i64) -> Health {
        let (gap, whole) = (100 * i128::from(gap), i128::from(PARTS * self.weight));
        health_of(|percent| gap < i128::from(percent) * whole, late, very_late)
    }

    /// Whether the order of the groups' gaps is certain, wherever each of them lies within its bounds.
    pub fn in_order<'a>(groups: impl IntoIterator<Item = &'a Self>) -> bool {
        let mut groups: Vec<&Self> = groups.into_iter().filter(|group| group.weight > 0).collect();
        let times = |gap: i64, other: &Self| i128::from(gap) * i128::from(other.weight);
        groups.sort_by(|one, other| times(one.gap.parts, other).cmp(&times(other.gap.parts, one)));
        groups.is_sorted_by(|one, other| {
            let ([_, high], [low, _]) = (one.gap.ends(), other.gap.ends());
            one.gap.cut == 0 && other.gap.cut == 0 || times(high, other) <= times(low, one)
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::figures::{Mean, Percent};

    /// Weight, live weight, verified and planned.
    type Initiative = (i64, i64, i64, i64);

    /// As the database adds up.
    fn near(initiatives: &[Initiative]) -> Near {
        let sum = |part: fn(&Initiative) -> i64| {
            initiatives.iter().fold(Shares::default(), |sum, initiative| {
                let (above, live) = (initiative.0 * part(initiative) * PARTS, initiative.1);
                sum.plus(Shares { parts: above / live, cut: i64::from(above % live != 0) })
            })
        };
        Near {
            weight: initiatives.iter().map(|(weight, ..)| weight).sum(),
            verified: sum(|(_, _, verified, _)| *verified),
            gap: sum(|(_, _, verified, planned)| verified - planned),
        }
    }

    fn mean(initiatives: &[Initiative]) -> Mean {
        let mut mean = Mean::default();
        for (weight, live, verified, planned) in initiatives {
            mean.add(*weight, *live, *verified, *planned);
        }
        mean
    }

    #[test]
    fn what_is_not_cut_is_sure_on_every_bound() {
        let on_a_half = near(&[(3, 400, 49, 0)]);
        assert_eq!(on_a_half.verified.cut, 0);
        assert!(on_a_half.is_sure(0, 0));
        assert_eq!(on_a_half.standing(0, 0).progress, Some(Percent(123)));
        assert!(near(&[(1, 20, 0, 1)]).is_sure(0, 0), "five points behind");
        assert!(Near::default().is_sure(0, 0));
        assert_eq!(Near::default().standing(0, 0), Standing::default());
    }

    #[test]
    fn what_may_lie_on_either_side_is_left_to_the_exact_mean() {
        // One of 2,000 together, of two shares that are cut.
        let half = [(1, 29, 1, 0), (1, 29, 28, 0), (1998, 1, 0, 0)];
        assert_eq!(mean(&half).standing(0, 0).progress, Some(Percent(1)));
        assert!(!near(&half).is_sure(0, 0));
        let five_points = [(1, 29, 0, 1), (1, 29, 0, 28), (18, 1, 0, 0)];
        assert_eq!(mean(&five_points).standing(0, 0).health, Some(Health::OnTrack));
        assert!(!near(&five_points).is_sure(0, 0));
        assert!(near(&five_points).is_sure(1, 1), "late by its responsibilities, whatever the gap");
    }

    #[test]
    fn gaps_that_cannot_be_told_apart_are_found() {
        let (one, other, third) = (near(&[(1, 23, 0, 1)]), near(&[(2, 46, 0, 2)]), near(&[(1, 29, 0, 1)]));
        assert!(!Near::in_order([&one, &third, &other]));
        assert!(Near::in_order([&one, &third, &Near::default()]));
        let (half, same) = (near(&[(1, 2, 0, 1)]), near(&[(3, 4, 0, 2)]));
        assert!(Near::in_order([&half, &same]), "both exact");
    }

    proptest! {
        #[test]
        fn what_is_sure_is_what_the_exact_mean_says(
            initiatives in prop::collection::vec((1..=100_i64, 1..=60_i64, 0..=60_i64, 0..=60_i64), 1..6),
            late in 0..2_i64,
            very_late in 0..2_i64,
        ) {
            let initiatives: Vec<_> = initiatives.into_iter().map(|(weight, live, v, p)| (weight, live, v.min(live), p.min(live))).collect();
            let (near, exact) = (near(&initiatives), mean(&initiatives).standing(late, very_late));
            if near.is_sure(late, very_late) {
                let told = near.standing(late, very_late);
                prop_assert_eq!((told.progress, told.planned_progress, told.gap, told.health), (exact.progress, exact.planned_progress, exact.gap, exact.health));
            }
        }

        #[test]
        fn gaps_in_order_are_in_the_exact_order(
            groups in prop::collection::vec(prop::collection::vec((1..=9_i64, 1..=30_i64, 0..=30_i64, 0..=30_i64), 1..3), 2..6),
        ) {
            let groups: Vec<Vec<_>> =
                groups.into_iter().map(|group| group.into_iter().map(|(w, live, v, p)| (w, live, v.min(live), p.min(live))).collect()).collect();
            let nears: Vec<Near> = groups.iter().map(|group| near(group)).collect();
            if Near::in_order(&nears) {
                for (one, left) in groups.iter().zip(&nears) {
                    for (other, right) in groups.iter().zip(&nears) {
                        let exact = mean(one).standing(0, 0).exact_gap.cmp(&mean(other).standing(0, 0).exact_gap);
                        prop_assert_eq!(left.standing(0, 0).exact_gap.cmp(&right.standing(0, 0).exact_gap), exact);
                    }
                }
            }
        }
    }
}
