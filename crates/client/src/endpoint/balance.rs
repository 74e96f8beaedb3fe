//! Which of several endpoints gets a call.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Mutex, PoisonError},
};

use crate::{Balance, random};

/// What is looked at to choose an endpoint.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Candidate<'e> {
    /// Its position among all endpoints of the system.
    pub(crate) index: usize,
    pub(crate) url: &'e str,
    pub(crate) weight: u32,
    pub(crate) in_flight: usize,
}

/// Chooses among endpoints, by their weights.
pub(crate) struct Balancer {
    balance: Balance,
    /// By how much each endpoint is behind its share of the turns.
    behind: Mutex<Vec<i64>>,
}

impl Balancer {
    /// For so many endpoints.
    pub(crate) fn new(balance: Balance, count: usize) -> Self {
        Self { balance, behind: Mutex::new(vec![0; count]) }
    }

    /// The index of one of `candidates`; none of none.
    pub(crate) fn choose(&self, candidates: &[Candidate<'_>], affinity: Option<&str>) -> Option<usize> {
        if let [only] = candidates {
            return Some(only.index);
        }
        match (self.balance, affinity) {
            (Balance::Hash, Some(affinity)) => by_hash(candidates, affinity),
            (Balance::RoundRobin, _) => {
                by_turn(candidates, &mut self.behind.lock().unwrap_or_else(PoisonError::into_inner))
            }
            // What has no affinity goes anywhere.
            (Balance::LeastLoaded | Balance::Hash, _) => {
                by_load(candidates, [random::unit(), random::unit()])
            }
        }
    }
}

/// Each gets as much further behind as its share is; who is furthest has its turn. So turns are spread: of weights 2 and 1, the
/// first has no two turns in a row of three.
fn by_turn(candidates: &[Candidate<'_>], behind: &mut [i64]) -> Option<usize> {
    let total: i64 = candidates.iter().map(|it| i64::from(it.weight)).sum();
    for candidate in candidates {
        *behind.get_mut(candidate.index)? += i64::from(candidate.weight);
    }
    // The first of those that are as far behind.
    let chosen = candidates.iter().rev().max_by_key(|it| behind[it.index])?.index;
    behind[chosen] -= total;
    Some(chosen)
}

/// Of two by chance, the one with fewer calls in hand for its weight ("power of two choices").
fn by_load(candidates: &[Candidate<'_>], chance: [f64; 2]) -> Option<usize> {
    let first = by_weight(candidates.iter(), chance[0])?;
    let others = candidates.iter().filter(|it| it.index != first.index);
    let Some(second) = by_weight(others, chance[1]) else { return Some(first.index) };
    let load = |one: &Candidate<'_>, other: &Candidate<'_>| one.in_flight as u64 * u64::from(other.weight);
    Some(if load(second, first) < load(first, second) { second.index } else { first.index })
}

/// The one whose share of all weights `chance` falls into.
fn by_weight<'c, 'e: 'c>(
    candidates: impl Iterator<Item = &'c Candidate<'e>> + Clone,
    chance: f64,
) -> Option<&'c Candidate<'e>> {
    let total: f64 = candidates.clone().map(|it| f64::from(it.weight)).sum();
    let mut left = chance * total;
    let mut last = None;
    for candidate in candidates {
        left -= f64::from(candidate.weight);
        last = Some(candidate);
        if left < 0.0 {
            break;
        }
    }
    last
}

/// Rendezvous hashing, by weights: each endpoint draws a number for the affinity, and the highest wins. When an endpoint goes, only
/// what it had moves.
fn by_hash(candidates: &[Candidate<'_>], affinity: &str) -> Option<usize> {
    let score = |it: &Candidate<'_>| {
        let mut hasher = DefaultHasher::new();
        (it.url, affinity).hash(&mut hasher);
        #[allow(clippy::cast_precision_loss, reason = "53 bits are what fits")]
        let unit = ((hasher.finish() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
        -f64::from(it.weight) / unit.ln()
    };
    let highest = candidates.iter().max_by(|a, b| score(a).total_cmp(&score(b)));
    highest.map(|it| it.index)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates(weights: &[u32]) -> Vec<Candidate<'static>> {
        let urls = ["http://a", "http://b", "http://c"];
        let made = weights.iter().zip(urls).enumerate();
        made.map(|(index, (weight, url))| Candidate { index, url, weight: *weight, in_flight: 0 }).collect()
    }

    fn counts(chosen: impl Iterator<Item = usize>) -> [usize; 3] {
        let mut counts = [0; 3];
        chosen.for_each(|index| counts[index] += 1);
        counts
    }

    #[test]
    fn turns_follow_weights_and_are_spread() {
        let balancer = Balancer::new(Balance::RoundRobin, 3);
        let all = candidates(&[2, 1, 1]);
        let chosen: Vec<_> = (0..8).map(|_| balancer.choose(&all, None).unwrap()).collect();
        assert_eq!(chosen, [0, 1, 2, 0, 0, 1, 2, 0]);
        // One is left out: the others have their turns.
        let chosen: Vec<_> = (0..4).map(|_| balancer.choose(&all[1..], None).unwrap()).collect();
        assert_eq!(chosen, [1, 2, 1, 2]);
    }

    #[test]
    fn of_two_the_one_with_less_in_hand_for_its_weight_gets_the_call() {
        let mut all = candidates(&[1, 3]);
        (all[0].in_flight, all[1].in_flight) = (1, 2);
        assert_eq!(by_load(&all, [0.0, 0.0]), Some(1));
        (all[0].in_flight, all[1].in_flight) = (1, 4);
        assert_eq!(by_load(&all, [0.9, 0.0]), Some(0));
        let balancer = Balancer::new(Balance::LeastLoaded, 3);
        let idle = candidates(&[1, 1, 2]);
        let counts = counts((0..4_000).filter_map(|_| balancer.choose(&idle, None)));
        for (count, expected) in counts.iter().zip([1_000, 1_000, 2_000]) {
            assert!(count.abs_diff(expected) < 300, "{counts:?}");
        }
    }

    #[test]
    fn an_affinity_keeps_its_endpoint_and_only_what_a_lost_one_had_moves() {
        let balancer = Balancer::new(Balance::Hash, 3);
        let all = candidates(&[1, 1, 2]);
        let choose =
            |among: &[Candidate<'static>], key: usize| balancer.choose(among, Some(&key.to_string()));
        let counts = counts((0..4_000).filter_map(|key| choose(&all, key)));
        for (count, expected) in counts.iter().zip([1_000, 1_000, 2_000]) {
            assert!(count.abs_diff(expected) < 150, "{counts:?}");
        }
        for key in 0..1_000 {
            let before = choose(&all, key).unwrap();
            let after = choose(&all[1..], key).unwrap();
            assert!(before == after || before == 0, "{key}");
        }
    }

    #[test]
    fn of_none_none_is_chosen() {
        for balance in [Balance::RoundRobin, Balance::LeastLoaded, Balance::Hash] {
            assert_eq!(Balancer::new(balance, 3).choose(&[], Some("a")), None);
        }
    }
}
